"""Data keys, one or more for each organization, and which of them sealed a connection."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("organization", "version", name="pk_data_keys"),
    )
    with op.batch_alter_table("connections") as connections:
        connections.add_column(sa.Column("key_version", sa.Integer, nullable=False, server_default="0"))
        connections.drop_column("key_id")
