"""Offers with their versions, statements and caps; files that can be removed and put back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

OLD = ('draft', 'proposed', 'approved', 'refused', 'withdrawn')
NEW = ('proposed', 'recorded', 'approved', 'refused', 'withdrawn', 'superseded')
OLD_DECIDED = "(state IN ('approved', 'refused')) = (approver_id IS NOT NULL)"
DECIDED = (
    "(state NOT IN ('approved', 'refused') OR approver_id IS NOT NULL)"
    " AND (state NOT IN ('proposed', 'recorded', 'withdrawn') OR approver_id IS NULL)"
    " AND (approver_id IS NULL) = (decided_at IS NULL)"
)
WITHDRAWN = (
    "(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)"
    " AND (withdrawn_by_id IS NULL) = (withdrawn_at IS NULL)"
)
# One version waits at most, and one stands at most.
ALONE = {
    'uq_offer_proposed_lead': "state = 'proposed'",
    'uq_offer_standing_lead': "state IN ('approved', 'recorded')",
}


def _states(codes: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{code}'" for code in codes)
    return f"state IN ({listed})"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('removed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_attachment_removed_by_id'), 'user_account', ['removed_by_id'], ['id'])
        batch_op.create_check_constraint(
            batch_op.f('ck_attachment_removed_by'), "(removed_at IS NULL) = (removed_by_id IS NULL)")

    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('facts', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('withdrawn_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_offer_withdrawn_by_id'), 'user_account', ['withdrawn_by_id'], ['id'])
        batch_op.drop_constraint('offerstate', type_='check')
        batch_op.drop_constraint(batch_op.f('ck_offer_decided_by'), type_='check')
    _carry_over()
    with op.batch_alter_table('offer', schema=None) as batch_op:
        # Only the rows that were there needed one.
        batch_op.alter_column('facts', existing_type=sa.JSON(), server_default=None)
        batch_op.create_check_constraint('offerstate', _states(NEW))
        batch_op.create_check_constraint(batch_op.f('ck_offer_decided_by'), DECIDED)
        batch_op.create_check_constraint(batch_op.f('ck_offer_withdrawn_by'), WITHDRAWN)
        batch_op.create_check_constraint(
            batch_op.f('ck_offer_refused_why'), "state <> 'refused' OR reason IS NOT NULL")
        batch_op.create_check_constraint(
            batch_op.f('ck_offer_recorded_statement'), "state <> 'recorded' OR no_incentive")
        batch_op.create_check_constraint(
            batch_op.f('ck_offer_statement_why'), "NOT no_incentive OR note IS NOT NULL")
        for name, condition in ALONE.items():
            batch_op.create_index(name, ['lead_id'], unique=True,
                                  sqlite_where=sa.text(condition),
                                  postgresql_where=sa.text(condition))
        batch_op.create_index('ix_offer_state_created', ['state', 'created_at'], unique=False)

    with op.batch_alter_table('offer_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calculated_cny', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('cap_cny', sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f('ck_offer_line_within_cap'), "cap_cny IS NULL OR amount_cny <= cap_cny")


def _carry_over() -> None:
    """What stood in the old states, in the new ones; of several that stood only the last does."""
    for statement in (
        "UPDATE offer SET note = COALESCE(reason, '—') WHERE no_incentive",
        "UPDATE offer SET reason = '—' WHERE state = 'refused' AND reason IS NULL",
        "UPDATE offer SET decided_at = created_at WHERE approver_id IS NOT NULL AND decided_at IS NULL",
        "UPDATE offer SET decided_at = NULL WHERE approver_id IS NULL",
        "UPDATE offer SET state = 'recorded' WHERE state = 'proposed' AND no_incentive",
        "UPDATE offer SET state = 'withdrawn' WHERE state = 'draft'",
        "UPDATE offer SET state = 'superseded' WHERE state IN ('approved', 'recorded') AND EXISTS"
        " (SELECT 1 FROM offer AS later WHERE later.lead_id = offer.lead_id"
        " AND later.version > offer.version AND later.state IN ('approved', 'recorded'))",
        "UPDATE offer SET state = 'withdrawn' WHERE state = 'proposed' AND EXISTS"
        " (SELECT 1 FROM offer AS later WHERE later.lead_id = offer.lead_id"
        " AND later.version > offer.version AND later.state = 'proposed')",
        "UPDATE offer SET withdrawn_by_id = proposer_id, withdrawn_at = created_at"
        " WHERE state = 'withdrawn'",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table('offer_line', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_offer_line_within_cap'), type_='check')
        batch_op.drop_column('cap_cny')
        batch_op.drop_column('calculated_cny')

    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.drop_index('ix_offer_state_created')
        for name in ALONE:
            batch_op.drop_index(name)
        for name in ('statement_why', 'recorded_statement', 'refused_why', 'withdrawn_by', 'decided_by'):
            batch_op.drop_constraint(batch_op.f(f'ck_offer_{name}'), type_='check')
        batch_op.drop_constraint('offerstate', type_='check')
    op.execute("UPDATE offer SET state = 'proposed' WHERE state = 'recorded'")
    op.execute("UPDATE offer SET state = 'approved' WHERE state = 'superseded' AND approver_id IS NOT NULL")
    op.execute("UPDATE offer SET state = 'withdrawn' WHERE state = 'superseded'")
    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.create_check_constraint('offerstate', _states(OLD))
        batch_op.create_check_constraint(batch_op.f('ck_offer_decided_by'), OLD_DECIDED)
        batch_op.drop_constraint(batch_op.f('fk_offer_withdrawn_by_id'), type_='foreignkey')
        batch_op.drop_column('withdrawn_at')
        batch_op.drop_column('withdrawn_by_id')
        batch_op.drop_column('facts')
        batch_op.drop_column('note')

    # What was removed has no mark any more: it goes, for it must not come back.
    op.execute("DELETE FROM attachment WHERE removed_at IS NOT NULL")
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attachment_removed_by'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_attachment_removed_by_id'), type_='foreignkey')
        batch_op.drop_column('removed_at')
        batch_op.drop_column('removed_by_id')
