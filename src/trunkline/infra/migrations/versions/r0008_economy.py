"""Toolsets, the ledger of tokens, what calls taught; the audit log says at which toolset a call was made."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("audit", sa.Column("toolset", sa.Text, nullable=False, server_default=""))
    _toolsets()
    _ledger()
    _learned()


def _toolsets() -> None:
    texts = ("organization", "name", "summary", "members", "listing", "created_by")
    op.create_table(
        "toolsets",
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("created_at", "updated_at")),
        sa.PrimaryKeyConstraint("id", name="pk_toolsets"),
        sa.UniqueConstraint("organization", "name", name="uq_toolsets_organization_name"),
    )


def _ledger() -> None:
    counts = ("turns", "menu", "discovery", "schemas", "calls", "answers", "everything", "connected")
    op.create_table(
        "ledger",
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("organization", "subject", "toolset", "client")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("began_at", "ended_at")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_organization_ended_at", "ledger", ["organization", "ended_at"])


def _learned() -> None:
    for table, key, counts in (
        ("learned_tools", ("organization", "tool"), ("calls", "good", "at")),
        ("learned_pairs", ("organization", "before", "after"), ("count", "at")),
    ):
        op.create_table(
            table,
            *(sa.Column(name, sa.Text, nullable=False) for name in key),
            *(sa.Column(name, sa.Float, nullable=False) for name in counts),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
        )
