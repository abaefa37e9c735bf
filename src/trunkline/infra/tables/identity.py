"""People: users, organizations, sign-in, sessions, API keys."""

from sqlalchemy import Boolean, Column, Float, Index, Table, Text, UniqueConstraint

from trunkline.infra.tables.metadata import metadata

# An organization owns everything else; ids are opaque.
organizations = Table(
    "organizations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

# A person, or a service account (which has no identity and cannot sign in). The e-mail is shown, and decides nothing.
users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # person, service
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
)

# How a person signs in: who says so (issuer) and whom it means (subject). Microsoft: the tenant's issuer and oid;
# GitHub: the numeric id.
identities = Table(
    "identities",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("provider", Text, nullable=False),  # id of the setting it came through; shown, and decides nothing
    Column("label", Text, nullable=False),  # e-mail or login as it was last seen
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    UniqueConstraint("issuer", "subject"),
    Index(None, "user"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Index(None, "user"),
)

# `digest` is the SHA-256 of the secret in the link. `email`, where there is one, must be a verified address of whoever
# accepts.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("accepted_by", Text, nullable=False),  # empty until then
    UniqueConstraint("digest"),
    Index(None, "organization"),
)

# A browser that is signed in. The cookie holds a secret; `digest` is its SHA-256.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("method", Text, nullable=False),  # id of the provider, or "link"
    Column("agent", Text, nullable=False),  # what the browser calls itself
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    UniqueConstraint("digest"),
    Index(None, "user"),
)

# A sign-in under way, from leaving for the provider until its answer, which it is good for once. `state` and `browser`
# are SHA-256 digests; nonce and PKCE verifier are derived from the browser's secret and stored nowhere.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("next", Text, nullable=False),
    Column("linking", Text, nullable=False),  # the user who adds an identity; empty for a sign-in
    Column("invitation", Text, nullable=False),  # digest of the invitation that is accepted; may be empty
    Column("expires_at", Float, nullable=False),
)

# One-time links that were used: the link itself is a signature, so only its use is written down.
used_links = Table(
    "used_links",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("expires_at", Float, nullable=False),
)

# `digest` is the SHA-256 of a key of 256 random bits. A key may what its user may, within `toolsets` (JSON list; empty:
# all) and `read_only`.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),  # its first characters, for telling keys apart
    Column("digest", Text, nullable=False),
    Column("toolsets", Text, nullable=False),
    Column("read_only", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),  # 0: never
    Column("revoked_at", Float, nullable=False),  # 0: it is good
    Column("used_at", Float, nullable=False),  # to the minute; 0: never
    UniqueConstraint("digest"),
    Index(None, "organization"),
)
