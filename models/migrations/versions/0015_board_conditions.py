"""Indexes that answer the board's conditions and the overview without touching the rows"""

from __future__ import annotations

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ASKED = [
    'planned_investment_cny',
    'signed_investment_cny',
    'stalls_on',
    'next_step_on',
    'segment_id',
    'channel_id',
    'owner_id',
    'park_id',
    'company_id',
    'project',
    'last_touch_at',
    'created_at',
    'signed_on',
    'registered_on',
    'landed_on',
    'expected_signing_on',
    'expected_landing_on',
]
# What the overview counts.
COUNTED = {
    'ix_lead_created': ['created_at', 'team_id', 'owner_id'],
    'ix_lead_signed': [
        'signed_on', 'stage', 'status', 'signed_investment_cny', 'team_id', 'owner_id'
    ],
    'ix_lead_expected_landing': [
        'expected_landing_on', 'stage', 'status', 'planned_investment_cny', 'team_id', 'owner_id'
    ],
    'ix_lead_stalls_why': [
        'status', 'stalls_on', 'team_id', 'stage', 'next_step_on', 'last_touch_at', 'owner_id'
    ],
    'ix_lead_next_step': ['status', 'next_step_on', 'team_id', 'owner_id'],
}
NEW = {
    'ix_lead_stage_board': [
        'status', 'stage', 'updated_at', 'id', 'team_id', 'district_id', *ASKED
    ],
    'ix_lead_district_board': [
        'status', 'district_id', 'updated_at', 'id', 'team_id', 'stage', *ASKED
    ],
    'ix_lead_team_board': [
        'status', 'team_id', 'updated_at', 'id', 'district_id', 'stage', *ASKED
    ],
    **{name: [*columns, 'id'] for name, columns in COUNTED.items()},
    'ix_lead_landed': [
        'landed_on', 'stage', 'status', 'signed_investment_cny', 'team_id', 'owner_id', 'id'
    ],
}
OLD = {
    **COUNTED,
    'ix_lead_landed': ['landed_on', 'stage', 'status'],
    'ix_lead_stage_updated': ['status', 'stage', 'updated_at', 'id'],
    'ix_lead_district_board': ['district_id', 'status', 'updated_at', 'id'],
    'ix_lead_team_board': ['team_id', 'status', 'updated_at', 'id'],
    'ix_lead_district_sums': [
        'status', 'district_id', 'planned_investment_cny', 'stalls_on', 'next_step_on'
    ],
}


def upgrade() -> None:
    """Go forward."""
    _replace(OLD, NEW)
    op.create_index('ix_company_rewarded', 'company', ['rewarded'])


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_company_rewarded', 'company')
    _replace(NEW, OLD)


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name in old:
        op.drop_index(name, 'lead')
    for name, columns in new.items():
        op.create_index(name, 'lead', columns)
