"""Alembic's entry: runs the revisions over the connection that `infra.migrate` hands in."""

from alembic import context

from trunkline.infra.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by rebuilding its table
)
with context.begin_transaction():
    context.run_migrations()
