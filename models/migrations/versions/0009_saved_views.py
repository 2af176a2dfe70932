"""Saved views of the list, and changes of many leads at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    """Go forward."""
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('visibility', _codes('visibility', 'private', 'team', 'everyone'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('filter', sa.JSON(), nullable=False),
    sa.Column('sort', sa.String(length=32), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(visibility = 'team') = (team_id IS NOT NULL)", name=op.f('ck_saved_view_team_has_team')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_saved_view_name')),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_saved_view_owner_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_saved_view_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('public_id', name=op.f('uq_saved_view_public_id'))
    )
    op.create_index(op.f('ix_saved_view_owner_id'), 'saved_view', ['owner_id'])
    op.create_index('ix_saved_view_visibility', 'saved_view', ['visibility', 'team_id'])
    op.create_table('bulk_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('kind', _codes('bulkkind', 'owner', 'place', 'step', 'step_day', 'hold'), nullable=False),
    sa.Column('state', _codes('bulkstate', 'chosen', 'preview', 'applied', 'undone'), nullable=False),
    sa.Column('change', sa.JSON(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('applied', 'undone')) = (applied_at IS NOT NULL)", name=op.f('ck_bulk_edit_applied_has_moment')),
    sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f('ck_bulk_edit_undone_has_moment')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_bulk_edit_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_edit')),
    sa.UniqueConstraint('public_id', name=op.f('uq_bulk_edit_public_id'))
    )
    op.create_index(op.f('ix_bulk_edit_created_by_id'), 'bulk_edit', ['created_by_id'])
    op.create_table('bulk_edit_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bulk_edit_id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('state', _codes('linestate', 'chosen', 'ready', 'refused', 'applied', 'undone', 'kept'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('why', sa.JSON(), nullable=True),
    sa.CheckConstraint("(state IN ('refused', 'kept')) = (why IS NOT NULL)", name=op.f('ck_bulk_edit_line_says_why')),
    sa.ForeignKeyConstraint(['bulk_edit_id'], ['bulk_edit.id'], name=op.f('fk_bulk_edit_line_bulk_edit_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_bulk_edit_line_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_edit_line')),
    sa.UniqueConstraint('bulk_edit_id', 'lead_id', name=op.f('uq_bulk_edit_line_bulk_edit_id_lead_id'))
    )
    op.create_index(op.f('ix_bulk_edit_line_lead_id'), 'bulk_edit_line', ['lead_id'])


def downgrade() -> None:
    """Go back."""
    op.drop_table('bulk_edit_line')
    op.drop_table('bulk_edit')
    op.drop_table('saved_view')
