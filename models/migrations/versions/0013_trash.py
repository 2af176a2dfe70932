"""What was put away and can be brought back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

OPEN = 'uq_lead_open_company_project'


def upgrade() -> None:
    """Go forward."""
    op.create_table('archive_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('archived_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('archived_by_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['archived_by_id'], ['user_account.id'], name=op.f('fk_archive_entry_archived_by_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_archive_entry_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_entry')),
    sa.UniqueConstraint('lead_id', name=op.f('uq_archive_entry_lead_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_archive_entry_public_id'))
    )
    op.create_index('ix_archive_entry_archived', 'archive_entry', ['archived_at', 'id'])
    op.add_column('lead', sa.Column('archived_at', UTCDateTime(timezone=True), nullable=True))
    _open_leads("status <> 'lost' AND archived_at IS NULL")


def _open_leads(which: str) -> None:
    """At most one open lead for a company and project: of those that count as open."""
    op.drop_index(OPEN, 'lead')
    op.create_index(
        OPEN,
        'lead',
        ['company_id', 'project'],
        unique=True,
        sqlite_where=sa.text(which),
        postgresql_where=sa.text(which),
    )


def downgrade() -> None:
    """Go back: what lies in the trash comes back as a lost lead, or two would be open at once."""
    op.execute(
        "UPDATE lead SET status = 'lost', hold_until = NULL, held_since = NULL "
        "WHERE archived_at IS NOT NULL"
    )
    _open_leads("status <> 'lost'")
    op.drop_column('lead', 'archived_at')
    op.drop_table('archive_entry')
