"""What the filters of board and list count by"""

from __future__ import annotations

from itertools import islice

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

# A pure function from names to what they are found by: no table is read through it.
from crm.companies.tokens import tokens

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

SUMS = ['planned_investment_cny', 'signed_investment_cny']
READERS = ['team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id']
# Of leads whose column has a value.
INDEXES = [
    ('ix_lead_registered', 'registered_on',
     ['registered_on', 'stage', 'status', *SUMS, *READERS]),
    ('ix_lead_planned', 'planned_investment_cny',
     ['status', *SUMS, 'stage', 'updated_at', 'stalls_on', 'next_step_on', *READERS]),
]


TOKEN_LENGTH, PROJECT, AT_ONCE = 48, 32, 5000
LOST = """
UPDATE lead_token SET lost = true WHERE lead_id IN (SELECT id FROM lead WHERE status = 'lost')
"""
LONG = """
SELECT team_id, id, owner_id, status = 'lost' AS lost, project FROM lead
WHERE length(project) > 32
"""
LONGER = """
DELETE FROM lead_token WHERE lead_id IN (SELECT id FROM lead WHERE length(project) > 32)
"""
LEADS = """
INSERT INTO lead_token (team_id, token, lead_id, owner_id)
SELECT lead.team_id, company_token.token, lead.id, lead.owner_id
FROM lead JOIN company_token ON company_token.company_id = lead.company_id
WHERE company_token.scope = 0 AND length(lead.project) > 32
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Go forward."""
    for name, column, columns in INDEXES:
        there = sa.text(f'{column} IS NOT NULL')
        op.create_index(name, 'lead', columns, sqlite_where=there, postgresql_where=there)
    op.add_column(
        'lead_token', sa.Column('lost', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(LOST)
    _find(None)


def downgrade() -> None:
    """Go back."""
    op.execute(LONGER)
    op.execute(LEADS)
    op.drop_column('lead_token', 'lost')
    for name, _, _ in INDEXES:
        op.drop_index(name, 'lead')
    _find(PROJECT)


def _find(characters: int | None) -> None:
    """Find the leads whose project is long by so much of it."""
    connection = op.get_bind()
    keys = ['team_id', 'token', 'lead_id', 'owner_id', *([] if characters else ['lost'])]
    table = sa.table('lead_token', *(sa.column(key) for key in keys))
    dialect = postgresql if connection.dialect.name == 'postgresql' else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    rows = (
        {key: value for key, value in zip(
            ('team_id', 'token', 'lead_id', 'owner_id', 'lost'),
            (team, token, lead, owner, bool(lost))) if key in keys}
        for team, lead, owner, lost, project in connection.execute(sa.text(LONG)).all()
        for token in {t[:TOKEN_LENGTH] for t in tokens(project[:characters])}
    )
    while part := list(islice(rows, AT_ONCE)):
        connection.execute(statement, part)
