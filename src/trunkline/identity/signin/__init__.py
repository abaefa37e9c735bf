"""Signing in at a provider: any OpenID provider, Google, Microsoft, GitHub."""
