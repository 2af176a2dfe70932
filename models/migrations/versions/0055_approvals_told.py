"""Approved offers are told to their proposers, until they go for the signing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0055'
down_revision = '0054'
branch_labels = None
depends_on = None

KINDS = (
    'next_step', 'no_step', 'cadence', 'stalled', 'signing', 'landing', 'uncovered',
    'promise_ours', 'promise_theirs', 'directive', 'task', 'matter', 'mention', 'offer',
    'offer_refused', 'protection', 'waking', 'aftercare',
)
APPROVED = 'offer_approved'
ANSWERED = 'answered_at IS NULL OR decided_at IS NOT NULL'
REFUSALS = "state = 'refused' AND answered_at IS NULL"
DECISIONS = "decided_at IS NOT NULL AND answered_at IS NULL"
# The next version was the answer to an approval, and so was the signing.
ANSWERS = """
UPDATE offer SET answered_at = coalesce(
    (SELECT min(newer.created_at) FROM offer AS newer
     WHERE newer.lead_id = offer.lead_id AND newer.version > offer.version),
    (SELECT min(moved.recorded_at) FROM stage_change AS moved
     WHERE moved.lead_id = offer.lead_id AND moved.recorded_at >= offer.decided_at
       AND moved.to_stage IN ('committed', 'registered', 'landed')),
    (SELECT offer.decided_at FROM lead
     WHERE lead.id = offer.lead_id AND lead.stage IN ('committed', 'registered', 'landed'))
) WHERE state IN ('approved', 'superseded') AND decided_at IS NOT NULL
"""
# The rule itself is delivered after the tables are made; here is its place among the others.
PLACE = """
UPDATE reminder_rule SET sort = sort + 1
WHERE sort > (SELECT sort FROM reminder_rule WHERE code = 'offer')
"""
OF_RULE = f"rule IN (SELECT code FROM reminder_rule WHERE kind = '{APPROVED}')"


def upgrade() -> None:
    """Go forward."""
    _told('answered_refusal', 'answered_decision', ANSWERED, DECISIONS)
    op.execute(ANSWERS)
    _kinds((*KINDS, APPROVED))
    op.execute(PLACE)


def downgrade() -> None:
    """Go back. What the rule said goes with it."""
    op.execute(f'DELETE FROM reminder WHERE {OF_RULE}')  # noqa: S608
    op.execute(f"DELETE FROM reminder_rule WHERE kind = '{APPROVED}'")  # noqa: S608
    _kinds(KINDS)
    op.execute("UPDATE offer SET answered_at = NULL WHERE state <> 'refused'")
    _told('answered_decision', 'answered_refusal', "answered_at IS NULL OR state = 'refused'", REFUSALS)


def _told(old: str, new: str, answered: str, waits: str) -> None:
    """Of these one is told until it is answered."""
    with op.batch_alter_table('offer') as batch:
        batch.drop_index('ix_offer_unanswered')
        batch.drop_constraint(old, type_='check')
    with op.batch_alter_table('offer') as batch:
        batch.create_check_constraint(new, answered)
        batch.create_index(
            'ix_offer_unanswered', ['lead_id'],
            sqlite_where=sa.text(waits), postgresql_where=sa.text(waits))


def _kinds(codes: tuple[str, ...]) -> None:
    """A rule may be of these kinds."""
    with op.batch_alter_table('reminder_rule') as batch:
        batch.drop_constraint('rulekind', type_='check')
    with op.batch_alter_table('reminder_rule') as batch:
        batch.create_check_constraint('rulekind', f"kind IN ({', '.join(map(repr, codes))})")
