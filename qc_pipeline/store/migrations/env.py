"""How Alembic reaches the record: always over the connection that `store.migrate` hands it."""

from alembic import context

from qc_pipeline.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
