"""Indexes that tell a company's group and a reader's shares without touching the rows"""

from __future__ import annotations

from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

# The table of each index, the name it had with its column, the one it has with its columns.
INDEXES = [
    (
        'company_relation',
        ('ix_company_relation_child_id', ['child_id']),
        ('ix_company_relation_child', ['child_id', 'to_on', 'share_bp', 'parent_id']),
    ),
    (
        'credit_share',
        ('ix_credit_share_user_id', ['user_id']),
        ('ix_credit_share_user', ['user_id', 'lead_id']),
    ),
    (
        'credit_share',
        ('ix_credit_share_team_id', ['team_id']),
        ('ix_credit_share_team', ['team_id', 'lead_id']),
    ),
]


def upgrade() -> None:
    """Go forward."""
    for table, (old, _), (new, columns) in INDEXES:
        op.drop_index(old, table)
        op.create_index(new, table, columns)


def downgrade() -> None:
    """Go back."""
    for table, (old, columns), (new, _) in INDEXES:
        op.drop_index(new, table)
        op.create_index(old, table, columns)
