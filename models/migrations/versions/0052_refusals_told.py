"""Refused offers are told to their proposers, until they answer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None

KINDS = (
    'next_step', 'no_step', 'cadence', 'stalled', 'signing', 'landing', 'uncovered',
    'promise_ours', 'promise_theirs', 'directive', 'task', 'matter', 'mention', 'offer', 'protection',
    'waking', 'aftercare',
)
REFUSED = 'offer_refused'
UNANSWERED = "state = 'refused' AND answered_at IS NULL"
# The next version was the answer to a refusal.
ANSWERS = """
UPDATE offer SET answered_at = (
    SELECT min(newer.created_at) FROM offer AS newer
    WHERE newer.lead_id = offer.lead_id AND newer.version > offer.version
) WHERE state = 'refused'
"""
# The rule itself is delivered after the tables are made; here is its place among the others.
PLACE = """
UPDATE reminder_rule SET sort = sort + 1
WHERE sort > (SELECT sort FROM reminder_rule WHERE code = 'offer')
"""
OF_RULE = f"rule IN (SELECT code FROM reminder_rule WHERE kind = '{REFUSED}')"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('offer') as batch:
        batch.add_column(sa.Column('answered_at', UTCDateTime(timezone=True), nullable=True))
    op.execute(ANSWERS)
    with op.batch_alter_table('offer') as batch:
        batch.create_check_constraint(
            'answered_refusal', "answered_at IS NULL OR state = 'refused'")
        batch.create_index(
            'ix_offer_unanswered', ['lead_id'],
            sqlite_where=sa.text(UNANSWERED), postgresql_where=sa.text(UNANSWERED))
    _kinds((*KINDS, REFUSED))
    op.execute(PLACE)


def downgrade() -> None:
    """Go back. What the rule said goes with it."""
    op.execute(f'DELETE FROM reminder WHERE {OF_RULE}')  # noqa: S608
    op.execute(f"DELETE FROM reminder_rule WHERE kind = '{REFUSED}'")  # noqa: S608
    _kinds(KINDS)
    with op.batch_alter_table('offer') as batch:
        batch.drop_index('ix_offer_unanswered')
        batch.drop_constraint('answered_refusal', type_='check')
        batch.drop_column('answered_at')


def _kinds(codes: tuple[str, ...]) -> None:
    """A rule may be of these kinds."""
    with op.batch_alter_table('reminder_rule') as batch:
        batch.drop_constraint('rulekind', type_='check')
    with op.batch_alter_table('reminder_rule') as batch:
        batch.create_check_constraint('rulekind', f"kind IN ({', '.join(map(repr, codes))})")
