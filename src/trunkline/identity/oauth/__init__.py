"""Trunkline as the OAuth 2.1 authorization server of its MCP clients, and as the resource server of their tokens."""
