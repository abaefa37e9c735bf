"""Every table, in one place. A change here comes with a migration (`migrations/versions`); a test compares the two.

Portable between SQLite and PostgreSQL: text ids, epoch seconds as float, JSON as text.
"""

from typing import Final

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

from trunkline.infra.connecting_tables import connect_attempts as connect_attempts
from trunkline.infra.connecting_tables import grants as grants
from trunkline.infra.connecting_tables import oauth_apps as oauth_apps
from trunkline.infra.connecting_tables import service_configs as service_configs
from trunkline.infra.metadata import metadata as metadata

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

# One row per event of a call, never changed. Per gateway process the rows form a hash chain: `hash` covers the row
# and the hash before it. Kinds: open, intent, outcome, refused, close.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("chain", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("arguments", Text, nullable=False),  # sha256 of the arguments, never the arguments
    Column("code", Text, nullable=False),  # ok, or the code of the fault
    Column("status", Integer, nullable=False),  # HTTP status of the service, 0 where there is none
    Column("ms", Float, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

# Administrative acts, never changed: sign-in, refused token, connect, disconnect, rotate. No secret in any column.
events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("organization", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the subject who acted; empty where nobody is known
    Column("act", Text, nullable=False),  # noun.verb: session.begin, connection.delete
    Column("target", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # ok, refused, or the code of a fault
    Column("detail", Text, nullable=False),  # JSON object
    Index(None, "organization", "seq"),
)

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

# Every table with secrets. Each has the columns id, organization, version (grows with every new secret), key_version
# and sealed: what `connections.envelope` binds a ciphertext to, and what `keys rotate` goes through.
SEALED: Final = (connections, oauth_apps, grants)
