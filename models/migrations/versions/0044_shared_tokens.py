"""Leads and people are found in the teams that share in a lead's credit, too"""

from __future__ import annotations

from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

_SHARED = """
FROM credit_share JOIN lead ON lead.id = credit_share.lead_id
{more}
WHERE credit_share.team_id IS NOT NULL AND credit_share.team_id <> lead.team_id
"""
_LEADS = f"""
INSERT INTO lead_token (team_id, token, lead_id, owner_id, lost)
SELECT credit_share.team_id, own.token, own.lead_id, own.owner_id, own.lost
{_SHARED.format(more='''JOIN lead_token AS own
    ON own.lead_id = credit_share.lead_id AND own.team_id = lead.team_id''')}
ON CONFLICT DO NOTHING
"""
_PEOPLE = f"""
INSERT INTO contact_token (team_id, token, contact_id)
SELECT DISTINCT credit_share.team_id, known.token, known.contact_id
{_SHARED.format(more='''JOIN contact_role
    ON contact_role.company_id = lead.company_id AND contact_role.to_on IS NULL
JOIN contact_token AS known ON known.contact_id = contact_role.contact_id''')}
ON CONFLICT DO NOTHING
"""
_NOT_LEADS = """
DELETE FROM lead_token
WHERE lead_id IN (SELECT lead_id FROM credit_share)
AND team_id <> (SELECT lead.team_id FROM lead WHERE lead.id = lead_token.lead_id)
"""
_NOT_PEOPLE = f"""
DELETE FROM contact_token
WHERE contact_id IN (
    SELECT contact_role.contact_id
    {_SHARED.format(more='JOIN contact_role ON contact_role.company_id = lead.company_id')}
)
AND NOT EXISTS (
    SELECT 1 FROM contact
    WHERE contact.id = contact_token.contact_id AND contact.team_id = contact_token.team_id
)
AND NOT EXISTS (
    SELECT 1 FROM contact_role JOIN lead ON lead.company_id = contact_role.company_id
    WHERE contact_role.contact_id = contact_token.contact_id AND contact_role.to_on IS NULL
    AND lead.team_id = contact_token.team_id
)
AND team_id <> 0
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_LEADS)
    op.execute(_PEOPLE)


def downgrade() -> None:
    """Go back."""
    op.execute(_NOT_LEADS)
    op.execute(_NOT_PEOPLE)
