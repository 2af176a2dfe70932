"""Appointments, and mail to people outside the house with an entry for their calendar"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

MODES = ('out', 'in', 'call', 'video', 'message', 'event')


def upgrade() -> None:
    """Go forward."""
    op.create_table('appointment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('client_key', sa.String(length=64), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('mode', sa.Enum(*MODES, name='visitmode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('starts_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('materials', sa.String(length=400), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('cancelled_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 1440', name=op.f('ck_appointment_minutes')),
    sa.CheckConstraint("mode <> 'message'", name=op.f('ck_appointment_meeting')),
    sa.CheckConstraint('visit_id IS NULL OR cancelled_at IS NULL', name=op.f('ck_appointment_one_end')),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_appointment_author_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_appointment_company_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_appointment_lead_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_appointment_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment')),
    sa.UniqueConstraint('author_id', 'client_key', name=op.f('uq_appointment_author_id_client_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_appointment_public_id')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_appointment_visit_id'))
    )
    op.create_index('ix_appointment_starts', 'appointment', ['starts_at', 'id'])
    op.create_index('ix_appointment_author_starts', 'appointment', ['author_id', 'starts_at'])
    op.create_index('ix_appointment_lead_starts', 'appointment', ['lead_id', 'starts_at'])
    op.create_index('ix_appointment_company', 'appointment', ['company_id'])
    for name, table, more in (
        ('user', 'user_account', {}),
        ('contact', 'contact', {'ondelete': 'CASCADE'}),
    ):
        own = f'appointment_{name}'
        invited = [sa.Column('invited', sa.Boolean(), nullable=False)] if name == 'contact' else []
        op.create_table(own,
        sa.Column('appointment_id', sa.Integer(), nullable=False),
        sa.Column(f'{name}_id', sa.Integer(), nullable=False),
        *invited,
        sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f(f'fk_{own}_appointment_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint([f'{name}_id'], [f'{table}.id'], name=op.f(f'fk_{own}_{name}_id'), **more),
        sa.PrimaryKeyConstraint('appointment_id', f'{name}_id', name=op.f(f'pk_{own}'))
        )
        op.create_index(op.f(f'ix_{own}_{name}_id'), own, [f'{name}_id'])
    with op.batch_alter_table('message') as batch:
        batch.alter_column('recipient_id', existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column('contact_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('calendar_body', sa.Text(), nullable=True))
        batch.create_foreign_key(op.f('fk_message_contact_id'), 'contact', ['contact_id'], ['id'], ondelete='SET NULL')
        batch.create_unique_constraint(op.f('uq_message_kind_contact_id_period'), ['kind', 'contact_id', 'period'])


def downgrade() -> None:
    """Go back: mail to people outside is of whoever has the lowest number, for the table wants
    somebody; what its attempts say stays."""
    op.execute(
        "UPDATE message SET recipient_id = (SELECT min(id) FROM user_account),"
        " period = substr('outside ' || id, 1, 32) WHERE recipient_id IS NULL"
    )
    with op.batch_alter_table('message') as batch:
        batch.drop_constraint(op.f('uq_message_kind_contact_id_period'), type_='unique')
        batch.drop_constraint(op.f('fk_message_contact_id'), type_='foreignkey')
        batch.drop_column('calendar_body')
        batch.drop_column('contact_id')
        batch.alter_column('recipient_id', existing_type=sa.Integer(), nullable=False)
    for table in ('appointment_contact', 'appointment_user', 'appointment'):
        op.drop_table(table)
