"""What leads came to by month, which the overview reads; indexes of landings and registrations"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timezone
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None

_KEY = ('result', 'month', 'team_id', 'owner_id')


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'lead_month',
        sa.Column('result', sa.Enum(
            'created', 'signed', 'landed',
            name='result', native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('team_id', sa.Integer(), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=False),
        sa.Column('n', sa.Integer(), nullable=False),
        sa.Column('signed_cny', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['owner_id'], ['user_account.id'], name=op.f('fk_lead_month_owner_id')),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_lead_month_team_id')),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f('pk_lead_month')),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f('ix_lead_month_owner_id'), 'lead_month', ['owner_id'])
    _count_results()
    _index_registered('updated_at', 'stalls_on', 'next_step_on')
    ahead = sa.text("stage <> 'landed' AND status <> 'lost'")
    op.create_index(
        'ix_lead_landing_ahead', 'lead',
        ['expected_landing_on', 'stage', 'status', 'planned_investment_cny',
         'team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id'],
        sqlite_where=ahead, postgresql_where=ahead)


def _index_registered(*more: str) -> None:
    """With what the heads of a board and the order of a list ask of a lead."""
    op.drop_index('ix_lead_registered', 'lead')
    known = sa.text('registered_on IS NOT NULL')
    op.create_index(
        'ix_lead_registered', 'lead',
        ['registered_on', 'stage', 'status', 'planned_investment_cny', 'signed_investment_cny',
         *more, 'team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id'],
        sqlite_where=known, postgresql_where=known)


def _count_results() -> None:
    """Of the leads that are there already, by the teams' days."""
    zone = ZoneInfo(os.environ.get('CRM_TIMEZONE', 'Asia/Shanghai'))
    lead = sa.table(
        'lead',
        *map(sa.column, ('team_id', 'owner_id', 'stage', 'status', 'signed_investment_cny')),
        sa.column('created_at', sa.DateTime(timezone=True)),
        sa.column('archived_at', sa.DateTime(timezone=True)),
        sa.column('signed_on', sa.Date), sa.column('landed_on', sa.Date),
    )
    n, signed = Counter(), Counter()
    query = sa.select(lead).where(lead.c.archived_at.is_(None))
    for row in op.get_bind().execute(query, execution_options={'yield_per': 5000}):
        at = row.created_at
        aware = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        days = {'created': aware.astimezone(zone).date()}
        if row.status != 'lost':
            if row.signed_on and row.stage in {'committed', 'registered', 'landed'}:
                days['signed'] = row.signed_on
            if row.landed_on and row.stage == 'landed':
                days['landed'] = row.landed_on
        for result, day in days.items():
            cell = (result, day.replace(day=1), row.team_id, row.owner_id)
            n[cell] += 1
            signed[cell] += row.signed_investment_cny or 0
    total = sa.table(
        'lead_month',
        sa.column('result'), sa.column('month', sa.Date), sa.column('team_id'),
        sa.column('owner_id'), sa.column('n'), sa.column('signed_cny'),
    )
    if n:
        op.bulk_insert(total, [
            dict(zip(_KEY, cell), n=n[cell], signed_cny=signed[cell]) for cell in n])


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_lead_landing_ahead', 'lead')
    _index_registered()
    op.drop_table('lead_month')
