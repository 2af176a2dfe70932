"""What companies are sorted by"""

from __future__ import annotations

from itertools import islice

import sqlalchemy as sa
from alembic import op

# A pure function from a name to where it stands: no table is read through it.
from crm.companies.tokens import in_order

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None

ORDER, AT_ONCE = 2, 5000
# Who lies in the trash is in no list.
NAMES = """
SELECT id, short_name FROM company
WHERE NOT EXISTS (SELECT 1 FROM archive_entry WHERE archive_entry.company_id = company.id)
"""


def upgrade() -> None:
    """Go forward."""
    connection = op.get_bind()
    table = sa.table('company_token', *map(sa.column, ('scope', 'token', 'company_id')))
    # As they will stand in the table.
    rows = iter(sorted((in_order(name), key) for key, name in connection.execute(sa.text(NAMES))))
    while part := list(islice(rows, AT_ONCE)):
        connection.execute(sa.insert(table), [
            {'scope': ORDER, 'token': token, 'company_id': key} for token, key in part])


def downgrade() -> None:
    """Go back."""
    op.execute(f'DELETE FROM company_token WHERE scope = {ORDER}')
