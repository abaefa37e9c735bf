"""GraphQL schemas -> drafts of tools: one for each query and mutation."""
