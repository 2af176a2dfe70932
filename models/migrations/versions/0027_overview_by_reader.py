"""Indexes that answer the overview of every reader and a month's tasks without touching the rows"""

from __future__ import annotations

from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

READERS = ['team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id']
SUMMED = ['stage', 'status', 'team_id', 'planned_investment_cny', 'signed_investment_cny', 'id']
NEW = {
    'ix_lead_next_step': ['status', 'next_step_on', 'stage', *READERS],
    'ix_lead_created': ['created_at', 'stage', *READERS],
    'ix_lead_signed': ['signed_on', 'stage', 'status', 'signed_investment_cny', *READERS],
    'ix_lead_landed': [
        'landed_on', 'stage', 'status', 'signed_investment_cny', 'company_id', *READERS
    ],
    'ix_lead_expected_landing': [
        'expected_landing_on', 'stage', 'status', 'planned_investment_cny', *READERS
    ],
    'ix_lead_stalls_why': [
        'status', 'stalls_on', 'stage', 'next_step_on', 'last_touch_at', *READERS
    ],
    'ix_lead_park_sums': ['park_id', *SUMMED],
    'ix_lead_district_sums': ['district_id', *SUMMED],
    'ix_lead_liaison_sums': ['liaison_id', *SUMMED],
}
OLD = {
    'ix_lead_next_step': ['status', 'next_step_on', 'team_id', 'owner_id', 'id'],
    'ix_lead_created': ['created_at', 'team_id', 'owner_id', 'id'],
    'ix_lead_signed': [
        'signed_on', 'stage', 'status', 'signed_investment_cny', 'team_id', 'owner_id', 'id'
    ],
    'ix_lead_landed': [
        'landed_on', 'stage', 'status', 'signed_investment_cny', 'team_id', 'owner_id', 'id'
    ],
    'ix_lead_expected_landing': [
        'expected_landing_on', 'stage', 'status', 'planned_investment_cny', 'team_id', 'owner_id',
        'id',
    ],
    'ix_lead_stalls_why': [
        'status', 'stalls_on', 'team_id', 'stage', 'next_step_on', 'last_touch_at', 'owner_id',
        'id',
    ],
    'ix_lead_park_id': ['park_id'],
    'ix_lead_district_id': ['district_id'],
    'ix_lead_liaison_id': ['liaison_id'],
}
DUE = ['kind', 'state', 'due_on']


def upgrade() -> None:
    """Go forward."""
    _replace(OLD, NEW)
    _tasks([*DUE, 'lead_id', 'id'])


def downgrade() -> None:
    """Go back."""
    _tasks(DUE)
    _replace(NEW, OLD)


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name in old:
        op.drop_index(name, 'lead')
    for name, columns in new.items():
        op.create_index(name, 'lead', columns)


def _tasks(columns: list[str]) -> None:
    op.drop_index('ix_task_kind_due', 'task')
    op.create_index('ix_task_kind_due', 'task', columns)
