"""Indexes for looking through the audit log: by organization, user and service in time, failed calls, one call."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_CALLS = sa.text("kind IN ('intent', 'refused')")
_FAULTS = sa.text("code NOT IN ('', 'ok')")


def upgrade() -> None:
    op.create_index("ix_audit_call", "audit", ["call"])
    for columns in (["organization", "at"], ["organization", "subject", "at"], ["organization", "service", "at"]):
        name = f"ix_audit_{'_'.join(columns)}"
        op.create_index(name, "audit", columns, sqlite_where=_CALLS, postgresql_where=_CALLS)
    op.create_index("ix_audit_at", "audit", ["at"], sqlite_where=_FAULTS, postgresql_where=_FAULTS)
