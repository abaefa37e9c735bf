"""Connected services: credentials, the keys that seal them, consent at providers."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from trunkline.infra.tables.metadata import metadata

# A service connected by a subject (or, `shared`, for a whole organization). `sealed` is the envelope-encrypted
# credential; its associated data binds it to this row. `version` grows with every new credential.
connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("subject", Text, nullable=False),  # who connected it
    Column("service", Text, nullable=False),
    Column("shared", Boolean, nullable=False, default=False),
    Column("version", Integer, nullable=False, default=1),
    Column("scheme", Text, nullable=False),  # JSON of contract.AuthScheme
    Column("variables", Text, nullable=False, default="{}"),  # JSON object: tenant variables, no secrets
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("key_version", Integer, nullable=False, server_default="0"),  # of data_keys; 0: sealed before there were any
    UniqueConstraint("organization", "subject", "service"),
    Index(None, "organization", "service"),
)

# The keys that seal an organization's secrets, each wrapped by a key that is kept elsewhere: `key_id` says by which
# (file:…, vault:…, kms:…). The newest version seals; older ones open what is not sealed anew yet.
data_keys = Table(
    "data_keys",
    metadata,
    Column("organization", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    PrimaryKeyConstraint("organization", "version"),
)

# The OAuth app of an organization at a provider: one for all services of the family. `sealed` is its client secret.
oauth_apps = Table(
    "oauth_apps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("variables", Text, nullable=False),  # JSON object: tenant, host; no secrets
    Column("version", Integer, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("organization", "provider"),
)

# What an admin has said of a service (or a family): who may connect it, and which rights are asked for.
service_configs = Table(
    "service_configs",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("service", Text, primary_key=True),  # as in connections
    Column("who", Text, nullable=False),  # personal, shared, either
    Column("scopes", Text, nullable=False),  # JSON list; empty: those of the service
    Column("updated_at", Float, nullable=False),
)

# What an OAuth provider granted for a connection: its row has the connection's id, and counts only while both have the
# same `version`. `sealed` is the refresh token, which no category server ever sees.
grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("state", Text, nullable=False),  # active, or renew: a person must consent again
    Column("reason", Text, nullable=False),  # why it must be renewed
    Column("version", Integer, nullable=False),
    Column("since", Integer, nullable=False),  # the connection's version when a person consented
    Column("account", Text, nullable=False),  # who it is at the provider, as shown
    Column("asked", Text, nullable=False),  # JSON list: scopes that were consented to
    Column("variables", Text, nullable=False),  # JSON object: those of the provider's URLs
    Column("expires_at", Float, nullable=False),  # of the access token; 0: not known
    Column("refreshed_at", Float, nullable=False),
    Column("claim", Text, nullable=False),  # which process refreshes now; may be empty
    Column("claimed_until", Float, nullable=False),
    Column("interrupted", Integer, nullable=False),  # refreshes that were begun and never ended
    Column("failures", Integer, nullable=False),  # refreshes that failed, since the last good one
    Column("retry_at", Float, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "organization"),
)

# A consent under way, from leaving for the provider until its answer, which it is good for once. `id` is the SHA-256 of
# the state; `verifier` is sealed under a key that only the state yields.
connect_attempts = Table(
    "connect_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("variables", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index(None, "expires_at"),
)
