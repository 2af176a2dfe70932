"""An entry of a target list is assigned to a team"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('list_entry') as batch:
        batch.add_column(sa.Column('team_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f('fk_list_entry_team_id'), 'team', ['team_id'], ['id'])
        batch.create_index(batch.f('ix_list_entry_team_id'), ['team_id'])


def downgrade() -> None:
    """Go back; what was assigned is forgotten, the trail keeps it."""
    with op.batch_alter_table('list_entry') as batch:
        batch.drop_index(batch.f('ix_list_entry_team_id'))
        batch.drop_constraint(batch.f('fk_list_entry_team_id'), type_='foreignkey')
        batch.drop_column('team_id')
