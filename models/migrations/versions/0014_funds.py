"""A row for each fund of the policy, held while somebody gives from it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'fund',
        sa.Column('code', sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_fund')),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table('fund')
