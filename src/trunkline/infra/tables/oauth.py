"""The authorization server of MCP clients (`identity.oauth`)."""

from sqlalchemy import Column, Float, Index, LargeBinary, Table, Text

from trunkline.infra.tables.metadata import metadata

# OAuth, as the authorization server of MCP clients (`identity.oauth`). A client that registered; `content` is JSON.
oauth_clients = Table(
    "oauth_clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content", Text, nullable=False),  # JSON of identity.oauth.clients.Client; a secret's hash, no secret
    Column("created_at", Float, nullable=False),
    Column("used_at", Float),  # when a user last authorized it
)

# Authorization codes, by hash. `content` is JSON of identity.oauth.grants.Code.
oauth_codes = Table(
    "oauth_codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("grant_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
)

# What a user has granted a client: the family of all tokens that come from one code.
oauth_grants = Table(
    "oauth_grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client", Text, nullable=False),
    Column("client_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("session", Text, nullable=False),  # the browser session it was granted in
    Column("scope", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("ended_for", Text),
    Index(None, "organization", "subject"),
)

# Refresh tokens, by hash. A used one has been rotated.
oauth_refresh_tokens = Table(
    "oauth_refresh_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("grant_id", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
    Index(None, "grant_id"),
)

# Consents that hold for the next time too.
oauth_consents = Table(
    "oauth_consents",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("client", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("granted_at", Float, nullable=False),
)
