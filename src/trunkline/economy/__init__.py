"""What tools cost and what is offered: toolsets of organizations, the ledger of tokens, what calls taught."""
