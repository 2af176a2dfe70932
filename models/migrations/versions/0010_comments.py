"""Comments with mentions, and the answers to directives"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ANSWER = 'directive_answer'


def upgrade() -> None:
    """Go forward."""
    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('edited_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('removed_at', UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_comment_author_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_comment_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_comment_public_id'))
    )
    op.create_index('ix_comment_lead_created', 'comment', ['lead_id', 'created_at'])
    op.create_table('mention',
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_mention_comment_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_mention_user_id')),
    sa.PrimaryKeyConstraint('comment_id', 'user_id', name=op.f('pk_mention'))
    )
    op.create_index('ix_mention_user_seen', 'mention', ['user_id', 'seen_at', 'comment_id'])
    op.create_table(ANSWER,
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_directive_answer_answered_by_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_directive_answer_task_id')),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_directive_answer'))
    )
    _refuse_rewriting()


def _refuse_rewriting() -> None:
    """An answer stays as it was given; as ``models.append_only`` does it for the first tables."""
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {ANSWER}_no_{verb.lower()} BEFORE {verb} ON {ANSWER} "
                f"BEGIN SELECT RAISE(ABORT, '{ANSWER} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {ANSWER}_append_only BEFORE UPDATE OR DELETE ON {ANSWER} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table(ANSWER)
    op.drop_table('mention')
    op.drop_table('comment')
