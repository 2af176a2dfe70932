"""What the board reads when it is grouped by district or by team"""

from __future__ import annotations

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_lead_district_board': ['district_id', 'status', 'updated_at', 'id'],
    'ix_lead_team_board': ['team_id', 'status', 'updated_at', 'id'],
    'ix_lead_district_sums': [
        'status', 'district_id', 'planned_investment_cny', 'stalls_on', 'next_step_on'
    ],
    'ix_lead_team_district_sums': [
        'team_id', 'status', 'district_id', 'planned_investment_cny', 'stalls_on', 'next_step_on'
    ],
    'ix_lead_owner_district_sums': [
        'owner_id', 'status', 'district_id', 'planned_investment_cny', 'stalls_on', 'next_step_on'
    ],
}


def upgrade() -> None:
    """Go forward."""
    for name, columns in INDEXES.items():
        op.create_index(name, 'lead', columns)


def downgrade() -> None:
    """Go back."""
    for name in INDEXES:
        op.drop_index(name, 'lead')
