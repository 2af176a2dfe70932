"""The name of a list on the cards of the board"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('target_list') as batch:
        batch.add_column(sa.Column('card_zh', sa.String(length=8), nullable=True))
    # As the delivered list is named; one that was renamed here keeps its words.
    op.execute("UPDATE target_list SET card_zh = '互百强' WHERE short_zh = '互联网百强'")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table('target_list') as batch:
        batch.drop_column('card_zh')
