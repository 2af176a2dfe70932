"""What leads and people are found by, and each company's whole names"""

from __future__ import annotations

import re
from itertools import islice

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

# Pure functions from names to what they are found by: no table is read through them.
from crm.companies.tokens import tokens

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

TOKEN_LENGTH, PROJECT, ENDS, NO_TEAM, FIND = 48, 32, 4, 0, 0
AT_ONCE = 5000
TOKEN = sa.String(48).with_variant(sa.String(48, collation='C'), 'postgresql')

COMPANIES = """
INSERT INTO company_token (scope, token, company_id)
SELECT DISTINCT 0, substr('=' || normal_form, 1, 48), company_id FROM company_name WHERE true
ON CONFLICT DO NOTHING
"""
LEADS = """
INSERT INTO lead_token (team_id, token, lead_id, owner_id)
SELECT lead.team_id, company_token.token, lead.id, lead.owner_id
FROM lead JOIN company_token ON company_token.company_id = lead.company_id
WHERE company_token.scope = 0
ON CONFLICT DO NOTHING
"""
PROJECTS = "SELECT team_id, id, owner_id, project FROM lead WHERE project <> ''"
CONTACTS = """
SELECT contact.id, contact.name, contact.phone, contact.team_id, lead.team_id AS other_id
FROM contact
LEFT JOIN contact_role ON contact_role.contact_id = contact.id AND contact_role.to_on IS NULL
LEFT JOIN lead ON lead.company_id = contact_role.company_id
"""


def upgrade() -> None:
    """Go forward."""
    lead_token = op.create_table('lead_token',
    sa.Column('team_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('token', TOKEN, nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_lead_token_lead_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'token', 'lead_id', name=op.f('pk_lead_token')),
    sqlite_with_rowid=False,
    )
    contact_token = op.create_table('contact_token',
    sa.Column('team_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('token', TOKEN, nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_token_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'token', 'contact_id', name=op.f('pk_contact_token')),
    sqlite_with_rowid=False,
    )
    op.execute(COMPANIES)
    _fill_leads(lead_token)
    _fill_contacts(contact_token)
    op.create_index('ix_lead_token_lead', 'lead_token', ['lead_id', 'token'])
    op.create_index('ix_contact_token_contact', 'contact_token', ['contact_id', 'token'])
    op.create_index('ix_contact_created_by_team', 'contact', ['created_by_id', 'team_id'])
    op.create_index('ix_lead_owner_team', 'lead', ['owner_id', 'team_id', 'id'])


def _fill_leads(table: sa.Table) -> None:
    rows = (
        {'team_id': team, 'token': token, 'lead_id': key, 'owner_id': owner}
        for team, key, owner, project in op.get_bind().execute(sa.text(PROJECTS)).all()
        for token in {t[:TOKEN_LENGTH] for t in tokens(project[:PROJECT])}
    )
    _insert(table, rows)
    op.execute(LEADS)


def _fill_contacts(table: sa.Table) -> None:
    people, teams = {}, {}
    for key, name, phone, team, other in op.get_bind().execute(sa.text(CONTACTS)):
        people[key] = (name, re.sub(r'\D', '', phone or ''))
        teams.setdefault(key, set()).update({team, other} - {None})
    rows = (
        {'team_id': team, 'token': token, 'contact_id': key}
        for key, (name, digits) in people.items()
        for token in ({t[:TOKEN_LENGTH] for t in tokens(name)} | {digits, digits[-ENDS:]}) - {''}
        for team in teams[key] or {NO_TEAM}
    )
    _insert(table, rows)


def _insert(table: sa.Table, rows) -> None:
    connection = op.get_bind()
    dialect = postgresql if connection.dialect.name == 'postgresql' else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    while part := list(islice(rows, AT_ONCE)):
        connection.execute(statement, part)


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_lead_owner_team', 'lead')
    op.drop_index('ix_contact_created_by_team', 'contact')
    op.drop_table('contact_token')
    op.drop_table('lead_token')
    op.execute("DELETE FROM company_token WHERE scope = 0 AND substr(token, 1, 1) = '='")
