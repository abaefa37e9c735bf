"""Every table, by room. A change here comes with a migration (`migrations/versions`); a test compares the two.

Portable between SQLite and PostgreSQL: text ids, epoch seconds as float, JSON as text.
"""

from typing import Final

from trunkline.infra.tables.audit import audit, events
from trunkline.infra.tables.connections import (
    connect_attempts,
    connections,
    data_keys,
    grants,
    oauth_apps,
    service_configs,
)
from trunkline.infra.tables.economy import learned_pairs, learned_tools, ledger, toolsets
from trunkline.infra.tables.identity import (
    api_keys,
    identities,
    invitations,
    memberships,
    organizations,
    sessions,
    sign_ins,
    used_links,
    users,
)
from trunkline.infra.tables.metadata import metadata
from trunkline.infra.tables.oauth import oauth_clients, oauth_codes, oauth_consents, oauth_grants, oauth_refresh_tokens

__all__ = [
    "SEALED",
    "api_keys",
    "audit",
    "connect_attempts",
    "connections",
    "data_keys",
    "events",
    "grants",
    "identities",
    "invitations",
    "learned_pairs",
    "learned_tools",
    "ledger",
    "memberships",
    "metadata",
    "oauth_apps",
    "oauth_clients",
    "oauth_codes",
    "oauth_consents",
    "oauth_grants",
    "oauth_refresh_tokens",
    "organizations",
    "service_configs",
    "sessions",
    "sign_ins",
    "toolsets",
    "used_links",
    "users",
]

# Every table with secrets. Each has the columns id, organization, version (grows with every new secret), key_version
# and sealed: what `connections.envelope` binds a ciphertext to, and what `keys rotate` goes through.
SEALED: Final = (connections, oauth_apps, grants)
