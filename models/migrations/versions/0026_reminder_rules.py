"""Reminder rules as data, and reminders about what is no lead"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

KINDS = (
    'next_step', 'no_step', 'cadence', 'stalled', 'signing', 'landing', 'uncovered',
    'promise_ours', 'promise_theirs', 'directive', 'task', 'matter', 'mention', 'offer', 'protection',
    'waking', 'aftercare',
)
WHY = ('untrue', 'rule_off', 'rule_changed')
LISTED = (
    'lead_id IN (SELECT lead.id FROM lead JOIN list_entry ON list_entry.company_id = lead.company_id'
    ' JOIN list_edition ON list_edition.id = list_entry.edition_id'
    ' JOIN target_list ON target_list.id = list_edition.list_id WHERE target_list.cadence_days < %s)'
)
# The lists that wanted a touch most often are those of the strictest rule.
TOP, ANY = LISTED % 30, LISTED % 60
# (rule before, rule since, what its causes end in since): a cause names the step that it reached.
STEPS = (
    ('promise_broken', 'promise_broken', ' +1'),
    ('promise_due', 'promise_broken', ''),
    ('promise_awaited', 'promise_theirs', ' +1'),
    ('next_step_overdue', 'next_step', ' +1'),
    ('next_step_due', 'next_step', ''),
    ('protection', 'protection', ' -14'),
    ('signing', 'signing', ' -7'),
    ('landing', 'landing', ' -7'),
)
LATER, PASSED = ' later ', ' passed'


def upgrade() -> None:
    """Go forward."""
    op.create_table('reminder_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum(*KINDS, name='rulekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('zh', sa.String(length=32), nullable=False),
    sa.Column('en', sa.String(length=64), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('conditions', sa.JSON(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_rule')),
    sa.UniqueConstraint('code', name=op.f('uq_reminder_rule_code'))
    )
    with op.batch_alter_table('reminder') as batch_op:
        batch_op.add_column(sa.Column('subject', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('entry_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('called_off', sa.Enum(*WHY, name='calledoff', native_enum=False, create_constraint=True, length=32), nullable=True))
        batch_op.drop_constraint('uq_reminder_rule_lead_id_person_id_occurrence', type_='unique')
    op.execute("UPDATE reminder SET subject = 'lead ' || lead_id")
    op.execute("UPDATE reminder SET called_off = 'untrue' WHERE state = 'cancelled'")
    for table in ('reminder', 'snooze'):
        _name_steps(table)
    with op.batch_alter_table('reminder') as batch_op:
        batch_op.alter_column('subject', existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column('lead_id', existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(op.f('fk_reminder_entry_id'), 'list_entry', ['entry_id'], ['id'], ondelete='CASCADE')
        batch_op.create_unique_constraint(op.f('uq_reminder_rule_subject_person_id_occurrence'), ['rule', 'subject', 'person_id', 'occurrence'])
        batch_op.create_check_constraint(op.f('ck_reminder_one_subject'), '(lead_id IS NULL) <> (entry_id IS NULL)')
        batch_op.create_check_constraint(op.f('ck_reminder_called_off'), "state = 'cancelled' OR called_off IS NULL")
        batch_op.create_index(op.f('ix_reminder_entry_id'), ['entry_id'])
        # The latest of a person, however many there were.
        batch_op.drop_index('ix_reminder_person_state')
        batch_op.create_index('ix_reminder_person_state', ['person_id', 'state', 'id'])


def downgrade() -> None:
    """Go back. Reminders of rules that were not there before go with them."""
    for table in ('reminder', 'snooze'):
        _forget_steps(table)
    with op.batch_alter_table('reminder') as batch_op:
        batch_op.drop_index(op.f('ix_reminder_entry_id'))
        batch_op.drop_index('ix_reminder_person_state')
        batch_op.create_index('ix_reminder_person_state', ['person_id', 'state'])
        batch_op.drop_constraint(op.f('ck_reminder_called_off'), type_='check')
        batch_op.drop_constraint(op.f('ck_reminder_one_subject'), type_='check')
        batch_op.drop_constraint('uq_reminder_rule_subject_person_id_occurrence', type_='unique')
        batch_op.drop_constraint(op.f('fk_reminder_entry_id'), type_='foreignkey')
        batch_op.drop_constraint('calledoff', type_='check')
        batch_op.drop_column('called_off')
        batch_op.drop_column('entry_id')
        batch_op.drop_column('subject')
        batch_op.alter_column('lead_id', existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint('uq_reminder_rule_lead_id_person_id_occurrence', ['rule', 'lead_id', 'person_id', 'occurrence'])
    op.drop_table('reminder_rule')


def _name_steps(table: str) -> None:
    """What was said before keeps being said: its cause now also names the step."""
    op.execute(f"UPDATE {table} SET occurrence = replace(occurrence, '{PASSED}', ' +1') WHERE rule IN ('signing', 'landing')")
    for rule, since, step in STEPS:
        named = f"rule = '{rule}' AND occurrence NOT LIKE '% +1%'"
        op.execute(f"UPDATE {table} SET occurrence = replace(occurrence, '{LATER}', '{step}{LATER}') WHERE {named} AND occurrence LIKE '%{LATER}%'")
        op.execute(f"UPDATE {table} SET occurrence = occurrence || '{step}' WHERE {named} AND occurrence NOT LIKE '%{LATER}%'")
        op.execute(f"UPDATE {table} SET rule = '{since}' WHERE rule = '{rule}'")
    op.execute(f"UPDATE {table} SET rule = 'cadence_top' WHERE rule = 'cadence' AND {TOP}")
    op.execute(f"UPDATE {table} SET rule = 'cadence_listed' WHERE rule = 'cadence' AND {ANY}")


def _forget_steps(table: str) -> None:
    op.execute(f"UPDATE {table} SET rule = 'cadence' WHERE rule IN ('cadence_top', 'cadence_listed')")
    op.execute(f"UPDATE {table} SET rule = 'next_step_overdue' WHERE rule = 'next_step' AND occurrence LIKE '% +1%'")
    op.execute(f"UPDATE {table} SET rule = 'next_step_due' WHERE rule = 'next_step'")
    op.execute(f"UPDATE {table} SET rule = 'promise_awaited' WHERE rule = 'promise_theirs'")
    op.execute(f"UPDATE {table} SET rule = 'promise_due' WHERE rule = 'promise_broken' AND occurrence NOT LIKE '% +%'")
    for rule, _since, step in STEPS:
        if step:
            op.execute(f"UPDATE {table} SET occurrence = replace(occurrence, '{step}', '') WHERE rule = '{rule}'")
    op.execute(f"UPDATE {table} SET occurrence = replace(occurrence, ' +1', '{PASSED}') WHERE rule IN ('signing', 'landing')")
    known = "'promise_broken', 'promise_due', 'promise_awaited', 'task_due', 'directive_due', 'next_step_overdue', 'next_step_due', 'matter_due', 'mention', 'protection', 'signing', 'landing', 'cadence', 'stalled', 'waking'"
    steps = "occurrence LIKE '% -1' OR occurrence LIKE '% -1 %' OR occurrence LIKE '% -3%' OR occurrence LIKE '% -60%' OR (occurrence LIKE '% +%' AND rule <> 'cadence')"
    op.execute(f"DELETE FROM {table} WHERE rule NOT IN ({known}) OR {steps}")
    if table == 'reminder':
        op.execute('DELETE FROM reminder WHERE lead_id IS NULL')
