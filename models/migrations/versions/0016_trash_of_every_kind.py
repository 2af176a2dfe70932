"""Visits, contacts, companies, comments, files and views stand in the trash, too"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import new_public_id

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

# What may lie there beside a lead, and its table.
MORE = {
    'visit': 'visit',
    'contact': 'contact',
    'company': 'company',
    'comment': 'comment',
    'attachment': 'attachment',
    'view': 'saved_view',
}
EXACTLY_ONE = (
    ' + '.join(f'(CASE WHEN {one}_id IS NULL THEN 0 ELSE 1 END)' for one in ('lead', *MORE))
    + ' = 1'
)
# What was taken out of sight before, and by whom.
REMOVED = {
    'comment': 'SELECT id, removed_at, author_id FROM comment WHERE removed_at IS NOT NULL',
    'attachment': 'SELECT id, removed_at, removed_by_id FROM attachment WHERE removed_at IS NOT NULL',
    'view': 'SELECT id, removed_at, owner_id FROM saved_view WHERE removed_at IS NOT NULL',
}


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('archive_entry') as batch:
        batch.alter_column('lead_id', existing_type=sa.Integer(), nullable=True)
        for name, table in MORE.items():
            batch.add_column(sa.Column(f'{name}_id', sa.Integer(), nullable=True))
            batch.create_foreign_key(
                op.f(f'fk_archive_entry_{name}_id'), table, [f'{name}_id'], ['id']
            )
            batch.create_unique_constraint(op.f(f'uq_archive_entry_{name}_id'), [f'{name}_id'])
        batch.add_column(sa.Column('kept', sa.JSON(), nullable=True))
        batch.create_check_constraint(op.f('ck_archive_entry_exactly_one'), EXACTLY_ONE)
    connection = op.get_bind()
    for name, removed in REMOVED.items():
        rows = [
            {'public_id': new_public_id(), 'subject': key, 'at': at, 'by': by}
            for key, at, by in connection.execute(sa.text(removed))
        ]
        if rows:
            insert = (
                f'INSERT INTO archive_entry (public_id, {name}_id, archived_at, archived_by_id, reason)'  # noqa: S608
                " VALUES (:public_id, :subject, :at, :by, '')"
            )
            connection.execute(sa.text(insert), rows)


def downgrade() -> None:
    """Go back: what lies in the trash and is no lead comes back; a file, a comment and a view
    stay out of sight by their own column. The counts of visits and what people and companies are
    found by are written anew by ``visits rebuild-totals`` and ``search rebuild``."""
    op.execute('DELETE FROM archive_entry WHERE lead_id IS NULL')
    with op.batch_alter_table('archive_entry') as batch:
        batch.drop_constraint(op.f('ck_archive_entry_exactly_one'), type_='check')
        batch.drop_column('kept')
        for name in MORE:
            batch.drop_constraint(op.f(f'uq_archive_entry_{name}_id'), type_='unique')
            batch.drop_constraint(op.f(f'fk_archive_entry_{name}_id'), type_='foreignkey')
            batch.drop_column(f'{name}_id')
        batch.alter_column('lead_id', existing_type=sa.Integer(), nullable=False)
