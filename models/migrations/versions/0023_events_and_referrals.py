"""Promotion events with their invitations and leads; who led whom to us"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('venue', sa.String(length=120), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_event_ends_after_start')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_event_channel_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_event_created_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_event_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
    sa.UniqueConstraint('public_id', name=op.f('uq_event_public_id'))
    )
    op.create_index('ix_event_starts', 'event', ['starts_on', 'id'])
    op.create_index('ix_event_team_id', 'event', ['team_id'])
    op.create_table('event_user',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_user_event_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_event_user_user_id')),
    sa.PrimaryKeyConstraint('event_id', 'user_id', name=op.f('pk_event_user'))
    )
    op.create_index('ix_event_user_user_id', 'event_user', ['user_id'])
    op.create_table('event_lead',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('linked_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('linked_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_lead_event_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_event_lead_lead_id')),
    sa.ForeignKeyConstraint(['linked_by_id'], ['user_account.id'], name=op.f('fk_event_lead_linked_by_id')),
    sa.PrimaryKeyConstraint('event_id', 'lead_id', name=op.f('pk_event_lead'))
    )
    op.create_index('ix_event_lead_lead_id', 'event_lead', ['lead_id'])
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('invited_by_id', sa.Integer(), nullable=True),
    sa.Column('walk_in', sa.Boolean(), nullable=False),
    sa.Column('reply', sa.Enum('none', 'accepted', 'declined', name='reply', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('attendance', sa.Enum('attended', 'absent', name='attendance', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('marked_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('walk_in = (invited_by_id IS NULL)', name=op.f('ck_invitation_invited_by_somebody')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_invitation_company_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_invitation_contact_id')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_invitation_event_id')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user_account.id'], name=op.f('fk_invitation_invited_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_invitation_visit_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('event_id', 'company_id', 'contact_id', name=op.f('uq_invitation_event_id_company_id_contact_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_invitation_public_id')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_invitation_visit_id'))
    )
    op.create_index('ix_invitation_company_id', 'invitation', ['company_id'])
    op.create_index('ix_invitation_contact_id', 'invitation', ['contact_id'])
    _unique_where('uq_invitation_nobody', 'invitation', ['event_id', 'company_id'], 'contact_id IS NULL')
    op.create_table('referral',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('referrer_id', sa.Integer(), nullable=True),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("(referrer_id IS NULL) <> (source = '')", name=op.f('ck_referral_one_source')),
    sa.CheckConstraint('contact_id IS NULL OR referrer_id IS NOT NULL', name=op.f('ck_referral_contact_of')),
    sa.CheckConstraint('company_id <> referrer_id', name=op.f('ck_referral_not_itself')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_referral_company_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_referral_contact_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_referral_lead_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user_account.id'], name=op.f('fk_referral_recorded_by_id')),
    sa.ForeignKeyConstraint(['referrer_id'], ['company.id'], name=op.f('fk_referral_referrer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('lead_id', name=op.f('uq_referral_lead_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_referral_public_id'))
    )
    op.create_index('ix_referral_company', 'referral', ['company_id', 'referrer_id'])
    op.create_index('ix_referral_contact_id', 'referral', ['contact_id'])
    op.create_index('ix_referral_referrer', 'referral', ['referrer_id', 'company_id'])
    _unique_where('uq_referral_company', 'referral', ['company_id'], 'lead_id IS NULL')
    kinds = _kinds_in_trash()
    with op.batch_alter_table('archive_entry') as batch:
        batch.drop_constraint(op.f('ck_archive_entry_exactly_one'), type_='check')
        batch.add_column(sa.Column('event_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f('fk_archive_entry_event_id'), 'event', ['event_id'], ['id'])
        batch.create_unique_constraint(op.f('uq_archive_entry_event_id'), ['event_id'])
        batch.create_check_constraint(
            op.f('ck_archive_entry_exactly_one'), _exactly_one([*kinds, 'event'])
        )


def downgrade() -> None:
    """Go back: an event that lies in the trash goes with the others."""
    op.execute('DELETE FROM archive_entry WHERE event_id IS NOT NULL')
    kinds = [one for one in _kinds_in_trash() if one != 'event']
    with op.batch_alter_table('archive_entry') as batch:
        batch.drop_constraint(op.f('ck_archive_entry_exactly_one'), type_='check')
        batch.drop_constraint(op.f('uq_archive_entry_event_id'), type_='unique')
        batch.drop_constraint(op.f('fk_archive_entry_event_id'), type_='foreignkey')
        batch.drop_column('event_id')
        batch.create_check_constraint(op.f('ck_archive_entry_exactly_one'), _exactly_one(kinds))
    for table in ('referral', 'invitation', 'event_lead', 'event_user', 'event'):
        op.drop_table(table)


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _kinds_in_trash() -> list[str]:
    """What may lie there at this revision: the keys of its table but its own and whose it was."""
    columns = sa.inspect(op.get_bind()).get_columns('archive_entry')
    names = [column['name'].removesuffix('_id') for column in columns if column['name'].endswith('_id')]
    return [name for name in names if name not in {'public', 'archived_by'}]


def _exactly_one(kinds: Iterable[str]) -> str:
    return ' + '.join(f'(CASE WHEN {one}_id IS NULL THEN 0 ELSE 1 END)' for one in kinds) + ' = 1'
