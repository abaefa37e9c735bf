"""OAuth apps, who may connect what, grants of providers, and consents under way."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _apps_and_configs()
    _grants()
    _attempts()
    # A connection that was shared so far serves everybody without one of their own: so it stays.
    op.execute(
        "INSERT INTO service_configs (organization, service, who, scopes, updated_at) "
        "SELECT organization, service, 'either', '[]', updated_at FROM connections WHERE shared"
    )


def _apps_and_configs() -> None:
    op.create_table(
        "oauth_apps",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("variables", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oauth_apps"),
        sa.UniqueConstraint("organization", "provider", name="uq_oauth_apps_organization_provider"),
    )
    op.create_table(
        "service_configs",
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("organization", "service", name="pk_service_configs"),
    )


def _grants() -> None:
    texts = ("organization", "provider", "state", "reason")
    times = ("expires_at", "refreshed_at")
    op.create_table(
        "grants",
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("account", "asked", "variables")),
        *(sa.Column(name, sa.Float, nullable=False) for name in times),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.Float, nullable=False),
        sa.Column("interrupted", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.Float, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    op.create_index("ix_grants_organization", "grants", ["organization"])


def _attempts() -> None:
    op.create_table(
        "connect_attempts",
        sa.Column("id", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("organization", "subject", "session", "provider", "service")
        ),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("variables", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("verifier", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connect_attempts"),
    )
    op.create_index("ix_connect_attempts_expires_at", "connect_attempts", ["expires_at"])
