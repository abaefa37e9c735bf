"""What tools cost and what calls taught: toolsets, the ledger of tokens, learned uses."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text, UniqueConstraint

from trunkline.infra.tables.metadata import metadata

# A list of tools that an organization offers at /mcp/t/<name>. `members`: JSON list of service ids and tool names.
toolsets = Table(
    "toolsets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("members", Text, nullable=False),
    Column("listing", Text, nullable=False),  # auto, direct, search
    Column("created_by", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("organization", "name"),
)

# What one task of an agent cost, in estimated tokens (o200k_base). `everything` and `connected` are what listing all
# tools, and all tools of connected services, would have cost in the place of `menu`, `discovery` and `schemas`.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("toolset", Text, nullable=False),  # empty: all tools
    Column("client", Text, nullable=False),  # what the client calls itself; may be empty
    Column("began_at", Float, nullable=False),
    Column("ended_at", Float, nullable=False),  # the last thing so far
    Column("turns", Integer, nullable=False),  # requests of the agent
    Column("menu", Integer, nullable=False),
    Column("discovery", Integer, nullable=False),
    Column("schemas", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("everything", Integer, nullable=False),
    Column("connected", Integer, nullable=False),
    Index(None, "organization", "ended_at"),
)

# How often an organization's agents called a tool, and how often that went well. Old calls count less and less.
learned_tools = Table(
    "learned_tools",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("tool", Text, primary_key=True),
    Column("calls", Float, nullable=False),
    Column("good", Float, nullable=False),
    Column("at", Float, nullable=False),
)

# How often `after` was called next to `before` within one task.
learned_pairs = Table(
    "learned_pairs",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("before", Text, primary_key=True),
    Column("after", Text, primary_key=True),
    Column("count", Float, nullable=False),
    Column("at", Float, nullable=False),
)
