"""What the overview counts: agreed investment by team and stage, visits by day, results by date"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timezone
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_lead_created': ['created_at', 'team_id', 'owner_id'],
    'ix_lead_signed': [
        'signed_on', 'stage', 'status', 'signed_investment_cny', 'team_id', 'owner_id'
    ],
    'ix_lead_landed': ['landed_on', 'stage', 'status'],
    'ix_lead_expected_landing': [
        'expected_landing_on', 'stage', 'status', 'planned_investment_cny', 'team_id', 'owner_id'
    ],
    'ix_lead_stalls_why': [
        'status', 'stalls_on', 'team_id', 'stage', 'next_step_on', 'last_touch_at', 'owner_id'
    ],
}
SIGNED = """
UPDATE lead_total SET signed_cny = coalesce((
    SELECT sum(signed_investment_cny) FROM lead
    WHERE lead.team_id = lead_total.team_id AND lead.owner_id = lead_total.owner_id
    AND lead.stage = lead_total.stage AND lead.status = lead_total.status
), 0)
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        'lead_total',
        sa.Column('signed_cny', sa.BigInteger(), server_default='0', nullable=False),
    )
    op.execute(SIGNED)
    op.drop_index('ix_lead_next_step', 'lead')
    op.create_index('ix_lead_next_step', 'lead', ['status', 'next_step_on', 'team_id', 'owner_id'])
    for name, columns in INDEXES.items():
        op.create_index(name, 'lead', columns)
    op.create_index(
        'ix_figure_latest', 'figure', ['company_id', 'metric', 'year', 'recorded_at', 'value']
    )
    op.create_table('visit_total',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('out', 'in', 'call', 'video', 'message', 'event', name='visitmode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_visit_total_author_id')),
    sa.PrimaryKeyConstraint('day', 'author_id', 'mode', name=op.f('pk_visit_total'))
    )
    with op.batch_alter_table('visit_total', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_total_author_id'), ['author_id'], unique=False)
    _count_visits()


def _count_visits() -> None:
    """The visits that are there already, by the teams' day."""
    zone = ZoneInfo(os.environ.get('CRM_TIMEZONE', 'Asia/Shanghai'))
    visit = sa.table(
        'visit',
        sa.column('author_id'),
        sa.column('mode'),
        sa.column('arranged', sa.Boolean),
        sa.column('reached', sa.Boolean),
        sa.column('occurred_at', sa.DateTime(timezone=True)),
    )
    made = sa.select(visit.c.author_id, visit.c.mode, visit.c.occurred_at).where(
        visit.c.reached,
        sa.or_(visit.c.mode.in_(['out', 'in']), sa.and_(visit.c.mode == 'video', visit.c.arranged)),
    )
    days = Counter()
    rows = op.get_bind().execute(made, execution_options={'yield_per': 5000})
    for author_id, mode, at in rows:
        aware = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        days[aware.astimezone(zone).date(), author_id, mode] += 1
    total = sa.table(
        'visit_total',
        sa.column('day', sa.Date), sa.column('author_id'), sa.column('mode'), sa.column('n'),
    )
    counted = [dict(zip(('day', 'author_id', 'mode'), key), n=n) for key, n in days.items()]
    if counted:
        op.bulk_insert(total, counted)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table('visit_total', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_total_author_id'))
    op.drop_table('visit_total')
    op.drop_index('ix_figure_latest', 'figure')
    for name in INDEXES:
        op.drop_index(name, 'lead')
    op.drop_index('ix_lead_next_step', 'lead')
    op.create_index('ix_lead_next_step', 'lead', ['status', 'next_step_on'])
    op.drop_column('lead_total', 'signed_cny')
