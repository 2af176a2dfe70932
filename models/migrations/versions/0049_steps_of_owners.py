"""An open next step is to be done by who owns its lead, also where that was another before"""

from __future__ import annotations

from alembic import op

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None

OWNERS = """
UPDATE task SET assignee_id = (SELECT owner_id FROM lead WHERE lead.id = task.lead_id)
WHERE kind = 'next_step' AND state = 'open'
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(OWNERS)


def downgrade() -> None:
    """Go back: whose it was is not known any more, and the owner's it may be there as well."""
