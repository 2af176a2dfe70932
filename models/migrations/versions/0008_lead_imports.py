"""Imports of leads: their rows and jobs, old notes; history outlives the lead of an undone import"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0006'
branch_labels = None
depends_on = None

KIND_NAMED = (
    "(kind = 'targets') = (list_id IS NOT NULL)"
    " AND (list_id IS NULL) = (year IS NULL)"
    " AND (kind = 'leads' OR team_id IS NULL)"
)
# Records whose number no other may bear: SQLite gives the highest again once its row is gone.
NUMBERED_ONCE = ('lead', 'company')
HISTORY = ('stage_change', 'lead_version')


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.alter_column('list_id', existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column('year', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('kind', sa.String(length=32), server_default='targets', nullable=False))
        batch_op.add_column(sa.Column('team_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('shape', sa.String(length=64), nullable=True))
        batch_op.create_check_constraint('batchkind', "kind IN ('targets', 'leads')")
        batch_op.create_check_constraint(batch_op.f('ck_import_batch_names_its_kind'), KIND_NAMED)
        batch_op.create_foreign_key(batch_op.f('fk_import_batch_team_id'), 'team', ['team_id'], ['id'])
        batch_op.create_index('ix_import_batch_kind_shape', ['kind', 'shape', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_batch_team_id'), ['team_id'], unique=False)
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.alter_column('kind', existing_type=sa.String(length=32), server_default=None)

    op.create_table('import_row',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('cells', sa.JSON(), nullable=False),
    sa.Column('row_key', sa.String(length=64), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_row_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_import_row'))
    )
    with op.batch_alter_table('import_row', schema=None) as batch_op:
        batch_op.create_index('ix_import_row_key', ['row_key'], unique=False)
        batch_op.create_index('ix_import_row_outcome', ['batch_id', 'outcome', 'number'], unique=False)

    op.create_table('import_job',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('check', 'apply', 'undo', name='jobkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('worker', sa.String(length=96), nullable=True),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('error', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_import_job_actor_id')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_job_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', name=op.f('pk_import_job'))
    )

    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('heading', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_name', sa.String(length=64), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_note_author_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_note_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note')),
    sa.UniqueConstraint('lead_id', 'key', name=op.f('uq_note_lead_id_key'))
    )
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_author_id'), ['author_id'], unique=False)
        batch_op.create_index('ix_note_lead_occurred', ['lead_id', 'occurred_at'], unique=False)

    for table in HISTORY:
        with _keeping_triggers(table), op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(f'fk_{table}_lead_id', type_='foreignkey')
    _rebuild_on_sqlite(sqlite_autoincrement=True)


def downgrade() -> None:
    """Go back. What was imported of leads stays; how it came in is forgotten."""
    for table in HISTORY:
        with _keeping_triggers(table):
            _forget_leads_gone(table)
            with op.batch_alter_table(table, schema=None) as batch_op:
                batch_op.create_foreign_key(f'fk_{table}_lead_id', 'lead', ['lead_id'], ['id'])
    _rebuild_on_sqlite()
    for table in ('note', 'import_job', 'import_row'):
        op.drop_table(table)
    leads = "SELECT id FROM import_batch WHERE kind = 'leads'"
    op.execute(f'DELETE FROM import_change WHERE batch_id IN ({leads})')  # noqa: S608
    op.execute("DELETE FROM import_batch WHERE kind = 'leads'")
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_batch_team_id'))
        batch_op.drop_index('ix_import_batch_kind_shape')
        batch_op.drop_constraint(batch_op.f('fk_import_batch_team_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('ck_import_batch_names_its_kind'), type_='check')
        batch_op.drop_constraint('batchkind', type_='check')
        batch_op.drop_column('shape')
        batch_op.drop_column('team_id')
        batch_op.drop_column('kind')
        batch_op.alter_column('year', existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column('list_id', existing_type=sa.Integer(), nullable=False)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


def _forget_leads_gone(table: str) -> None:
    """What has no lead any more can not stand under a foreign key."""
    if _on_sqlite():
        op.execute(f'DROP TRIGGER {table}_no_delete')
    else:
        op.execute(f'ALTER TABLE {table} DISABLE TRIGGER USER')
    op.execute(f'DELETE FROM {table} WHERE lead_id NOT IN (SELECT id FROM lead)')  # noqa: S608
    if not _on_sqlite():
        op.execute(f'ALTER TABLE {table} ENABLE TRIGGER USER')


def _rebuild_on_sqlite(**options: object) -> None:
    """Write the numbered tables anew, the one way SQLite has to change how it numbers."""
    if not _on_sqlite():
        return
    for table in NUMBERED_ONCE:
        with op.batch_alter_table(
            table, schema=None, recreate='always', table_kwargs=options
        ):
            pass


class _keeping_triggers:
    """SQLite's way of changing a table loses its triggers; they come back as they were."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.made: list[str] = []

    def __enter__(self) -> None:
        if _on_sqlite():
            found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t")
            self.made = list(op.get_bind().scalars(found, {'t': self.table}))

    def __exit__(self, *_error: object) -> None:
        for statement in self.made:
            op.execute(statement)
