"""Core records"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.append_only import create_triggers, drop_triggers

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('blob',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size >= 0', name=op.f('ck_blob_size')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blob')),
    sa.UniqueConstraint('sha256', name=op.f('uq_blob_sha256'))
    )
    op.create_table('calendar_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_day'))
    )
    op.create_table('channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=96), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['channel.id'], name=op.f('fk_channel_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    sa.UniqueConstraint('code', name=op.f('uq_channel_code'))
    )
    op.create_table('district',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=96), nullable=False),
    sa.Column('short_zh', sa.String(length=32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district')),
    sa.UniqueConstraint('code', name=op.f('uq_district_code'))
    )
    op.create_table('goal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('scope', sa.String(length=48), nullable=False),
    sa.Column('zh', sa.String(length=128), nullable=False),
    sa.Column('en', sa.String(length=160), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('unit', sa.String(length=32), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goal')),
    sa.UniqueConstraint('code', name=op.f('uq_goal_code'))
    )
    op.create_table('job_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('period', sa.String(length=32), nullable=False),
    sa.Column('worker', sa.String(length=96), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run')),
    sa.UniqueConstraint('name', 'period', name=op.f('uq_job_run_name_period'))
    )

    op.create_table('place',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('city', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place')),
    sa.UniqueConstraint('code', name=op.f('uq_place_code'))
    )
    op.create_table('segment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('path', sa.String(length=128), nullable=False),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=128), nullable=False),
    sa.Column('position', sa.Enum('upstream', 'midstream', 'downstream', name='position', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['segment.id'], name=op.f('fk_segment_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_segment')),
    sa.UniqueConstraint('code', name=op.f('uq_segment_code')),
    sa.UniqueConstraint('path', name=op.f('uq_segment_path'))
    )
    with op.batch_alter_table('segment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_segment_parent_id'), ['parent_id'], unique=False)

    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('succeeded', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_address_at', ['address', 'at'], unique=False)
        batch_op.create_index('ix_sign_in_attempt_email_at', ['email', 'at'], unique=False)

    op.create_table('target_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=96), nullable=False),
    sa.Column('short_zh', sa.String(length=16), nullable=False),
    sa.Column('short_en', sa.String(length=32), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.Column('rewarded', sa.Boolean(), nullable=False),
    sa.Column('cadence_days', sa.Integer(), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.CheckConstraint('cadence_days > 0', name=op.f('ck_target_list_cadence_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target_list')),
    sa.UniqueConstraint('code', name=op.f('uq_target_list_code'))
    )
    op.create_table('team',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=96), nullable=False),
    sa.Column('short_zh', sa.String(length=32), nullable=False),
    sa.Column('short_en', sa.String(length=32), nullable=False),
    sa.Column('city', sa.String(length=64), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('code', name=op.f('uq_team_code'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('role', sa.Enum('scout', 'team_lead', 'manager', 'park_officer', 'liaison_leader', 'administrator', 'security_officer', 'auditor', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_user_account_fs_uniquifier')),
    sa.UniqueConstraint('public_id', name=op.f('uq_user_account_public_id'))
    )
    op.create_table('change_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('known_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('effective_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('via', sa.Enum('web', 'cli', 'api', 'job', 'import', 'demo', name='via', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_change_set_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_set'))
    )
    with op.batch_alter_table('change_set', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_change_set_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index('ix_change_set_known', ['known_at', 'id'], unique=False)

    op.create_table('company',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.Enum('legal', 'group', 'institution', name='companykind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('short_name', sa.String(length=64), nullable=False),
    sa.Column('normal_form', sa.String(length=200), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=True),
    sa.Column('place_id', sa.Integer(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('cadence_days', sa.Integer(), nullable=False),
    sa.Column('rewarded', sa.Boolean(), nullable=False),
    sa.Column('last_touch_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('cadence_days > 0', name=op.f('ck_company_cadence_positive')),
    sa.CheckConstraint('merged_into_id IS NULL OR merged_into_id <> id', name=op.f('ck_company_not_itself')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['company.id'], name=op.f('fk_company_merged_into_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_company_place_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company')),
    sa.UniqueConstraint('credit_code', name=op.f('uq_company_credit_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_company_public_id'))
    )
    with op.batch_alter_table('company', schema=None) as batch_op:
        batch_op.create_index('ix_company_merged_created', ['merged_into_id', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_company_normal_form'), ['normal_form'], unique=False)
        batch_op.create_index(batch_op.f('ix_company_place_id'), ['place_id'], unique=False)

    op.create_table('contact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=64).with_variant(sa.String(length=64, collation='C'), 'postgresql'), nullable=False),
    sa.Column('phone', sa.String(length=32), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('wechat', sa.String(length=64), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_contact_created_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_contact_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact')),
    sa.UniqueConstraint('public_id', name=op.f('uq_contact_public_id'))
    )
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_name'), ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_team_id'), ['team_id'], unique=False)

    op.create_table('lead_total',
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.Enum('identified', 'engaged', 'negotiating', 'committed', 'registered', 'landed', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('status', sa.Enum('active', 'on_hold', 'lost', name='status', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('investment_cny', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_lead_total_owner_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_lead_total_team_id')),
    sa.PrimaryKeyConstraint('team_id', 'owner_id', 'stage', 'status', name=op.f('pk_lead_total'))
    )
    with op.batch_alter_table('lead_total', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lead_total_owner_id'), ['owner_id'], unique=False)

    op.create_table('list_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.CheckConstraint('year BETWEEN 1990 AND 2100', name=op.f('ck_list_edition_year_in_range')),
    sa.ForeignKeyConstraint(['list_id'], ['target_list.id'], name=op.f('fk_list_edition_list_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_edition')),
    sa.UniqueConstraint('list_id', 'year', name=op.f('uq_list_edition_list_id_year'))
    )
    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('message_id', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=32), nullable=False),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('text_body', sa.Text(), nullable=False),
    sa.Column('html_body', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'failed', 'dead', name='messagestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['user_account.id'], name=op.f('fk_message_recipient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('kind', 'recipient_id', 'period', name=op.f('uq_message_kind_recipient_id_period')),
    sa.UniqueConstraint('message_id', name=op.f('uq_message_message_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_message_public_id'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_recipient_id'), ['recipient_id'], unique=False)
        batch_op.create_index('ix_message_state_due', ['state', 'due_at', 'id'], unique=False)

    op.create_table('park',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('district_id', sa.Integer(), nullable=False),
    sa.Column('zh', sa.String(length=64), nullable=False),
    sa.Column('en', sa.String(length=96), nullable=False),
    sa.Column('short_zh', sa.String(length=32), nullable=False),
    sa.Column('short_en', sa.String(length=32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_park_district_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_park')),
    sa.UniqueConstraint('code', name=op.f('uq_park_code'))
    )
    with op.batch_alter_table('park', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_park_district_id'), ['district_id'], unique=False)

    op.create_table('segment_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('supplier_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['segment.id'], name=op.f('fk_segment_link_customer_id')),
    sa.ForeignKeyConstraint(['supplier_id'], ['segment.id'], name=op.f('fk_segment_link_supplier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_segment_link')),
    sa.UniqueConstraint('supplier_id', 'customer_id', name=op.f('uq_segment_link_supplier_id_customer_id'))
    )
    with op.batch_alter_table('segment_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_segment_link_customer_id'), ['customer_id'], unique=False)

    op.create_table('change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('change_set_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=32), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=48), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['change_set_id'], ['change_set.id'], name=op.f('fk_change_change_set_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change')),
    sa.UniqueConstraint('subject', 'subject_id', 'seq', name=op.f('uq_change_subject_subject_id_seq'))
    )
    with op.batch_alter_table('change', schema=None) as batch_op:
        batch_op.create_index('ix_change_change_set', ['change_set_id'], unique=False)

    op.create_table('company_name',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('normal_form', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('legal', 'short', 'brand', 'former', 'english', name='namekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_name_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_name')),
    sa.UniqueConstraint('company_id', 'kind', 'name', name=op.f('uq_company_name_company_id_kind_name'))
    )
    with op.batch_alter_table('company_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_company_name_company_id'), ['company_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_company_name_normal_form'), ['normal_form'], unique=False)

    op.create_table('company_relation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=False),
    sa.Column('child_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('subsidiary', 'group', name='relationkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('share_bp', sa.Integer(), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.CheckConstraint('parent_id <> child_id', name=op.f('ck_company_relation_not_itself')),
    sa.CheckConstraint('share_bp BETWEEN 0 AND 10000', name=op.f('ck_company_relation_share_in_range')),
    sa.ForeignKeyConstraint(['child_id'], ['company.id'], name=op.f('fk_company_relation_child_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['company.id'], name=op.f('fk_company_relation_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_relation')),
    sa.UniqueConstraint('parent_id', 'child_id', 'kind', name=op.f('uq_company_relation_parent_id_child_id_kind'))
    )
    with op.batch_alter_table('company_relation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_company_relation_child_id'), ['child_id'], unique=False)

    op.create_table('company_segment',
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_segment_company_id')),
    sa.ForeignKeyConstraint(['segment_id'], ['segment.id'], name=op.f('fk_company_segment_segment_id')),
    sa.PrimaryKeyConstraint('company_id', 'segment_id', name=op.f('pk_company_segment'))
    )
    with op.batch_alter_table('company_segment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_company_segment_segment_id'), ['segment_id'], unique=False)

    op.create_table('company_token',
    sa.Column('scope', sa.SmallInteger(), nullable=False),
    sa.Column('token', sa.String(length=48).with_variant(sa.String(length=48, collation='C'), 'postgresql'), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_token_company_id')),
    sa.PrimaryKeyConstraint('scope', 'token', 'company_id', name=op.f('pk_company_token')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('company_token', schema=None) as batch_op:
        batch_op.create_index('ix_company_token_company', ['company_id', 'scope', 'token'], unique=False)

    op.create_table('contact_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('decides', sa.Boolean(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_contact_role_company_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_role_contact_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_role'))
    )
    with op.batch_alter_table('contact_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_role_company_id'), ['company_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_role_contact_id'), ['contact_id'], unique=False)

    op.create_table('delivery_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(length=96), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_delivery_attempt_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_attempt')),
    sa.UniqueConstraint('message_id', 'number', name=op.f('uq_delivery_attempt_message_id_number'))
    )
    op.create_table('figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('metric', sa.String(length=32), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_figure_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_figure')),
    sa.UniqueConstraint('company_id', 'year', 'metric', 'recorded_at', name=op.f('uq_figure_company_id_year_metric_recorded_at'))
    )
    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('state', sa.Enum('preview', 'applied', 'undone', 'dropped', name='batchstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('decisions', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('year BETWEEN 1990 AND 2100', name=op.f('ck_import_batch_year_in_range')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_import_batch_created_by_id')),
    sa.ForeignKeyConstraint(['list_id'], ['target_list.id'], name=op.f('fk_import_batch_list_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_import_batch_public_id'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index('ix_import_batch_list_year', ['list_id', 'year', 'id'], unique=False)

    op.create_table('lead',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.String(length=200), nullable=False),
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('liaison_id', sa.Integer(), nullable=True),
    sa.Column('district_id', sa.Integer(), nullable=True),
    sa.Column('park_id', sa.Integer(), nullable=True),
    sa.Column('stage', sa.Enum('identified', 'engaged', 'negotiating', 'committed', 'registered', 'landed', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('status', sa.Enum('active', 'on_hold', 'lost', name='status', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('hold_until', sa.Date(), nullable=True),
    sa.Column('need', sa.Text(), nullable=True),
    sa.Column('space_m2', sa.Integer(), nullable=True),
    sa.Column('planned_investment_cny', sa.BigInteger(), nullable=True),
    sa.Column('planned_revenue_cny', sa.BigInteger(), nullable=True),
    sa.Column('planned_headcount', sa.Integer(), nullable=True),
    sa.Column('signed_investment_cny', sa.BigInteger(), nullable=True),
    sa.Column('expected_signing_on', sa.Date(), nullable=True),
    sa.Column('expected_landing_on', sa.Date(), nullable=True),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('landed_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('stage_since', sa.Date(), nullable=False),
    sa.Column('held_since', sa.Date(), nullable=True),
    sa.Column('held_days', sa.Integer(), nullable=False),
    sa.Column('stalls_on', sa.Date(), nullable=True),
    sa.Column('next_step_on', sa.Date(), nullable=True),
    sa.Column('last_touch_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'on_hold') = (held_since IS NOT NULL)", name=op.f('ck_lead_hold_has_start')),
    sa.CheckConstraint("(status = 'on_hold') = (hold_until IS NOT NULL)", name=op.f('ck_lead_hold_has_date')),
    sa.CheckConstraint('held_days >= 0', name=op.f('ck_lead_held_days')),
    sa.CheckConstraint('park_id IS NULL OR district_id IS NOT NULL', name=op.f('ck_lead_park_in_district')),
    sa.CheckConstraint('planned_headcount >= 0', name=op.f('ck_lead_planned_headcount')),
    sa.CheckConstraint('planned_investment_cny >= 0', name=op.f('ck_lead_planned_investment')),
    sa.CheckConstraint('planned_revenue_cny >= 0', name=op.f('ck_lead_planned_revenue')),
    sa.CheckConstraint('signed_investment_cny >= 0', name=op.f('ck_lead_signed_investment')),
    sa.CheckConstraint('space_m2 >= 0', name=op.f('ck_lead_space')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_lead_channel_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_lead_company_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_lead_created_by_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_lead_district_id')),
    sa.ForeignKeyConstraint(['liaison_id'], ['user_account.id'], name=op.f('fk_lead_liaison_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_lead_owner_id')),
    sa.ForeignKeyConstraint(['park_id'], ['park.id'], name=op.f('fk_lead_park_id')),
    sa.ForeignKeyConstraint(['segment_id'], ['segment.id'], name=op.f('fk_lead_segment_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_lead_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lead')),
    sa.UniqueConstraint('public_id', name=op.f('uq_lead_public_id'))
    )
    with op.batch_alter_table('lead', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lead_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lead_company_id'), ['company_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lead_district_id'), ['district_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lead_liaison_id'), ['liaison_id'], unique=False)
        batch_op.create_index('ix_lead_next_step', ['status', 'next_step_on'], unique=False)
        batch_op.create_index('ix_lead_owner_next_step', ['owner_id', 'status', 'next_step_on'], unique=False)
        batch_op.create_index('ix_lead_owner_stage_updated', ['owner_id', 'status', 'stage', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_owner_stalls', ['owner_id', 'status', 'stalls_on', 'stage'], unique=False)
        batch_op.create_index('ix_lead_owner_touch', ['owner_id', 'status', 'last_touch_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_lead_park_id'), ['park_id'], unique=False)
        batch_op.create_index('ix_lead_segment_stage', ['segment_id', 'stage', 'status'], unique=False)
        batch_op.create_index('ix_lead_stage_updated', ['status', 'stage', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_stalls', ['status', 'stalls_on', 'updated_at', 'planned_investment_cny'], unique=False)
        batch_op.create_index('ix_lead_team_stage_updated', ['team_id', 'status', 'stage', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_updated', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_team_updated', ['team_id', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_owner_updated', ['owner_id', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_lead_stage_stalls', ['status', 'stage', 'stalls_on'], unique=False)
        batch_op.create_index('ix_lead_team_stalls', ['team_id', 'status', 'stage', 'stalls_on'], unique=False)
        batch_op.create_index('ix_lead_team_next_step', ['team_id', 'status', 'next_step_on'], unique=False)
        batch_op.create_index('uq_lead_open_company_project', ['company_id', 'project'], unique=True, sqlite_where=sa.text("status <> 'lost'"), postgresql_where=sa.text("status <> 'lost'"))

    op.create_table('list_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('edition_id', sa.Integer(), nullable=False),
    sa.Column('row_key', sa.String(length=208), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('raw', sa.JSON(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('match_state', sa.Enum('undecided', 'matched', 'new', 'rejected', name='matchstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=True),
    sa.Column('alike_id', sa.Integer(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(company_id IS NULL) = (match_state IN ('undecided', 'rejected'))", name=op.f('ck_list_entry_decided_has_company')),
    sa.CheckConstraint('rank > 0', name=op.f('ck_list_entry_rank_positive')),
    sa.ForeignKeyConstraint(['alike_id'], ['company.id'], name=op.f('fk_list_entry_alike_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_list_entry_company_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_list_entry_decided_by_id')),
    sa.ForeignKeyConstraint(['edition_id'], ['list_edition.id'], name=op.f('fk_list_entry_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_entry')),
    sa.UniqueConstraint('edition_id', 'row_key', name=op.f('uq_list_entry_edition_id_row_key'))
    )
    with op.batch_alter_table('list_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_list_entry_alike_id'), ['alike_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_list_entry_company_id'), ['company_id'], unique=False)
        batch_op.create_index('ix_list_entry_edition_rank', ['edition_id', 'rank', 'id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('park_id', sa.Integer(), nullable=True),
    sa.Column('district_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.CheckConstraint('(CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN park_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN district_id IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_membership_exactly_one')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_membership_district_id')),
    sa.ForeignKeyConstraint(['park_id'], ['park.id'], name=op.f('fk_membership_park_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_membership_team_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_district_id'), ['district_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_park_id'), ['park_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_team_id'), ['team_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('segment_park',
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('park_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['park_id'], ['park.id'], name=op.f('fk_segment_park_park_id')),
    sa.ForeignKeyConstraint(['segment_id'], ['segment.id'], name=op.f('fk_segment_park_segment_id')),
    sa.PrimaryKeyConstraint('segment_id', 'park_id', name=op.f('pk_segment_park'))
    )
    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('client_key', sa.String(length=64), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('out', 'in', 'call', 'video', 'message', 'event', name='visitmode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('arranged', sa.Boolean(), nullable=False),
    sa.Column('reached', sa.Boolean(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('need', sa.Text(), nullable=True),
    sa.Column('outcome', sa.String(length=400), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_visit_author_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_visit_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('author_id', 'client_key', name=op.f('uq_visit_author_id_client_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_visit_public_id'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_author_occurred', ['author_id', 'occurred_at'], unique=False)
        batch_op.create_index('ix_visit_company_occurred', ['company_id', 'occurred_at'], unique=False)
        batch_op.create_index('ix_visit_occurred', ['occurred_at', 'id'], unique=False)

    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('protected_until', sa.Date(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_claim_lead_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_claim_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim'))
    )
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_claim_lead_id'), ['lead_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_team_id'), ['team_id'], unique=False)
        batch_op.create_index('uq_claim_open_lead', ['lead_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    op.create_table('credit_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('district_id', sa.Integer(), nullable=True),
    sa.Column('basis_points', sa.Integer(), nullable=False),
    sa.CheckConstraint('basis_points BETWEEN 1 AND 10000', name=op.f('ck_credit_share_share_in_range')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_credit_share_district_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_credit_share_lead_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_credit_share_team_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credit_share_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_share')),
    sa.UniqueConstraint('agreement', 'team_id', 'district_id', 'user_id', name=op.f('uq_credit_share_agreement_team_id_district_id_user_id'))
    )
    with op.batch_alter_table('credit_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_share_lead_id'), ['lead_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_share_team_id'), ['team_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_share_user_id'), ['user_id'], unique=False)

    op.create_table('import_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=32), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_change_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_change')),
    sa.UniqueConstraint('batch_id', 'seq', name=op.f('uq_import_change_batch_id_seq'))
    )
    op.create_table('lead_entity',
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('phase', sa.Enum('registered', 'landed', name='entityphase', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_lead_entity_company_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_lead_entity_lead_id')),
    sa.PrimaryKeyConstraint('lead_id', 'company_id', name=op.f('pk_lead_entity'))
    )
    with op.batch_alter_table('lead_entity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lead_entity_company_id'), ['company_id'], unique=False)

    op.create_table('lead_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('change_set_id', sa.Integer(), nullable=False),
    sa.Column('known_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('known_to', sa.DateTime(timezone=True), nullable=True),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('project', sa.String(length=200), nullable=False),
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('district_id', sa.Integer(), nullable=True),
    sa.Column('park_id', sa.Integer(), nullable=True),
    sa.Column('stage', sa.String(length=32), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('hold_until', sa.Date(), nullable=True),
    sa.Column('planned_investment_cny', sa.BigInteger(), nullable=True),
    sa.Column('planned_revenue_cny', sa.BigInteger(), nullable=True),
    sa.Column('planned_headcount', sa.Integer(), nullable=True),
    sa.Column('signed_investment_cny', sa.BigInteger(), nullable=True),
    sa.Column('expected_signing_on', sa.Date(), nullable=True),
    sa.Column('expected_landing_on', sa.Date(), nullable=True),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('landed_on', sa.Date(), nullable=True),
    sa.Column('stage_since', sa.Date(), nullable=False),
    sa.Column('held_since', sa.Date(), nullable=True),
    sa.Column('held_days', sa.Integer(), nullable=False),
    sa.Column('next_step_on', sa.Date(), nullable=True),
    sa.Column('last_touch_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['change_set_id'], ['change_set.id'], name=op.f('fk_lead_version_change_set_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_lead_version_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lead_version')),
    sa.UniqueConstraint('lead_id', 'seq', name=op.f('uq_lead_version_lead_id_seq'))
    )
    with op.batch_alter_table('lead_version', schema=None) as batch_op:
        batch_op.create_index('ix_lead_version_known', ['known_from', 'known_to'], unique=False)
        batch_op.create_index('uq_lead_version_current', ['lead_id'], unique=True, sqlite_where=sa.text('known_to IS NULL'), postgresql_where=sa.text('known_to IS NULL'))

    op.create_table('offer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('rules_version', sa.String(length=64), nullable=False),
    sa.Column('no_incentive', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'proposed', 'approved', 'refused', 'withdrawn', name='offerstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('proposer_id', sa.Integer(), nullable=False),
    sa.Column('approver_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('approved', 'refused')) = (approver_id IS NOT NULL)", name=op.f('ck_offer_decided_by')),
    sa.CheckConstraint('approver_id IS NULL OR approver_id <> proposer_id', name=op.f('ck_offer_two_people')),
    sa.ForeignKeyConstraint(['approver_id'], ['user_account.id'], name=op.f('fk_offer_approver_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_offer_lead_id')),
    sa.ForeignKeyConstraint(['proposer_id'], ['user_account.id'], name=op.f('fk_offer_proposer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer')),
    sa.UniqueConstraint('lead_id', 'version', name=op.f('uq_offer_lead_id_version')),
    sa.UniqueConstraint('public_id', name=op.f('uq_offer_public_id'))
    )
    op.create_table('reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=32), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('occurrence', sa.String(length=96), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'queued', 'cancelled', name='reminderstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('planned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_reminder_lead_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_reminder_message_id')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_reminder_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('rule', 'lead_id', 'person_id', 'occurrence', name=op.f('uq_reminder_rule_lead_id_person_id_occurrence'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_lead_id'), ['lead_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_reminder_person_state', ['person_id', 'state'], unique=False)

    op.create_table('stage_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('from_stage', sa.Enum('identified', 'engaged', 'negotiating', 'committed', 'registered', 'landed', name='from_stage', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('to_stage', sa.Enum('identified', 'engaged', 'negotiating', 'committed', 'registered', 'landed', name='to_stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('from_status', sa.Enum('active', 'on_hold', 'lost', name='from_status', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('to_status', sa.Enum('active', 'on_hold', 'lost', name='to_status', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_stage_change_actor_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_stage_change_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage_change')),
    sa.UniqueConstraint('lead_id', 'seq', name=op.f('uq_stage_change_lead_id_seq'))
    )
    op.create_table('task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('next_step', 'task', 'promise', 'directive', name='taskkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('open', 'done', 'moved', 'cancelled', name='taskstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['user_account.id'], name=op.f('fk_task_assignee_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_task_created_by_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_task_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    sa.UniqueConstraint('public_id', name=op.f('uq_task_public_id'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index('ix_task_assignee_closed', ['assignee_id', 'closed_at'], unique=False)
        batch_op.create_index('ix_task_assignee_due', ['assignee_id', 'state', 'due_on'], unique=False)
        batch_op.create_index('ix_task_kind_due', ['kind', 'state', 'due_on'], unique=False)
        batch_op.create_index('ix_task_lead_state', ['lead_id', 'state', 'kind'], unique=False)
        batch_op.create_index('uq_task_open_next_step', ['lead_id'], unique=True, sqlite_where=sa.text("kind = 'next_step' AND state = 'open'"), postgresql_where=sa.text("kind = 'next_step' AND state = 'open'"))

    op.create_table('visit_contact',
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_visit_contact_contact_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_contact_visit_id')),
    sa.PrimaryKeyConstraint('visit_id', 'contact_id', name=op.f('pk_visit_contact'))
    )
    with op.batch_alter_table('visit_contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_contact_contact_id'), ['contact_id'], unique=False)

    op.create_table('visit_lead',
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_visit_lead_lead_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_lead_visit_id')),
    sa.PrimaryKeyConstraint('visit_id', 'lead_id', name=op.f('pk_visit_lead'))
    )
    with op.batch_alter_table('visit_lead', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_lead_lead_id'), ['lead_id'], unique=False)

    op.create_table('visit_user',
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_visit_user_user_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_user_visit_id')),
    sa.PrimaryKeyConstraint('visit_id', 'user_id', name=op.f('pk_visit_user'))
    )
    with op.batch_alter_table('visit_user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_user_user_id'), ['user_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('blob_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('file', 'agreement', 'photo', name='attachmentkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('offer_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(CASE WHEN lead_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN offer_id IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_attachment_exactly_one')),
    sa.ForeignKeyConstraint(['blob_id'], ['blob.id'], name=op.f('fk_attachment_blob_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_attachment_created_by_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_attachment_lead_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_attachment_offer_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_attachment_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_attachment_public_id'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_blob_id'), ['blob_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_lead_id'), ['lead_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_offer_id'), ['offer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_visit_id'), ['visit_id'], unique=False)

    op.create_table('offer_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('rule_code', sa.String(length=64), nullable=False),
    sa.Column('amount_cny', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_cny >= 0', name=op.f('ck_offer_line_amount')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_offer_line_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer_line')),
    sa.UniqueConstraint('offer_id', 'rule_code', name=op.f('uq_offer_line_offer_id_rule_code'))
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    """Go back."""
    drop_triggers(op.get_bind())
    op.drop_table('offer_line')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_visit_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_offer_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_lead_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_blob_id'))

    op.drop_table('attachment')
    with op.batch_alter_table('visit_user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_user_user_id'))

    op.drop_table('visit_user')
    with op.batch_alter_table('visit_lead', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_lead_lead_id'))

    op.drop_table('visit_lead')
    with op.batch_alter_table('visit_contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_contact_contact_id'))

    op.drop_table('visit_contact')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('uq_task_open_next_step', sqlite_where=sa.text("kind = 'next_step' AND state = 'open'"), postgresql_where=sa.text("kind = 'next_step' AND state = 'open'"))
        batch_op.drop_index('ix_task_lead_state')
        batch_op.drop_index('ix_task_kind_due')
        batch_op.drop_index('ix_task_assignee_due')
        batch_op.drop_index('ix_task_assignee_closed')

    op.drop_table('task')
    op.drop_table('stage_change')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index('ix_reminder_person_state')
        batch_op.drop_index(batch_op.f('ix_reminder_message_id'))
        batch_op.drop_index(batch_op.f('ix_reminder_lead_id'))

    op.drop_table('reminder')
    op.drop_table('offer')
    with op.batch_alter_table('lead_version', schema=None) as batch_op:
        batch_op.drop_index('uq_lead_version_current', sqlite_where=sa.text('known_to IS NULL'), postgresql_where=sa.text('known_to IS NULL'))
        batch_op.drop_index('ix_lead_version_known')

    op.drop_table('lead_version')
    with op.batch_alter_table('lead_entity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lead_entity_company_id'))

    op.drop_table('lead_entity')
    op.drop_table('import_change')
    with op.batch_alter_table('credit_share', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credit_share_user_id'))
        batch_op.drop_index(batch_op.f('ix_credit_share_team_id'))
        batch_op.drop_index(batch_op.f('ix_credit_share_lead_id'))

    op.drop_table('credit_share')
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_index('uq_claim_open_lead', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_claim_team_id'))
        batch_op.drop_index(batch_op.f('ix_claim_lead_id'))

    op.drop_table('claim')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_occurred')
        batch_op.drop_index('ix_visit_company_occurred')
        batch_op.drop_index('ix_visit_author_occurred')

    op.drop_table('visit')
    op.drop_table('segment_park')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))
        batch_op.drop_index(batch_op.f('ix_membership_team_id'))
        batch_op.drop_index(batch_op.f('ix_membership_park_id'))
        batch_op.drop_index(batch_op.f('ix_membership_district_id'))

    op.drop_table('membership')
    with op.batch_alter_table('list_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_list_entry_edition_rank')
        batch_op.drop_index(batch_op.f('ix_list_entry_company_id'))
        batch_op.drop_index(batch_op.f('ix_list_entry_alike_id'))

    op.drop_table('list_entry')
    with op.batch_alter_table('lead', schema=None) as batch_op:
        batch_op.drop_index('uq_lead_open_company_project', sqlite_where=sa.text("status <> 'lost'"), postgresql_where=sa.text("status <> 'lost'"))
        batch_op.drop_index('ix_lead_team_next_step')
        batch_op.drop_index('ix_lead_team_stalls')
        batch_op.drop_index('ix_lead_stage_stalls')
        batch_op.drop_index('ix_lead_owner_updated')
        batch_op.drop_index('ix_lead_team_updated')
        batch_op.drop_index('ix_lead_updated')
        batch_op.drop_index('ix_lead_team_stage_updated')
        batch_op.drop_index('ix_lead_stalls')
        batch_op.drop_index('ix_lead_stage_updated')
        batch_op.drop_index('ix_lead_segment_stage')
        batch_op.drop_index(batch_op.f('ix_lead_park_id'))
        batch_op.drop_index('ix_lead_owner_touch')
        batch_op.drop_index('ix_lead_owner_stalls')
        batch_op.drop_index('ix_lead_owner_stage_updated')
        batch_op.drop_index('ix_lead_owner_next_step')
        batch_op.drop_index('ix_lead_next_step')
        batch_op.drop_index(batch_op.f('ix_lead_liaison_id'))
        batch_op.drop_index(batch_op.f('ix_lead_district_id'))
        batch_op.drop_index(batch_op.f('ix_lead_company_id'))
        batch_op.drop_index(batch_op.f('ix_lead_channel_id'))

    op.drop_table('lead')
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_import_batch_list_year')

    op.drop_table('import_batch')
    op.drop_table('figure')
    op.drop_table('delivery_attempt')
    with op.batch_alter_table('contact_role', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_role_contact_id'))
        batch_op.drop_index(batch_op.f('ix_contact_role_company_id'))

    op.drop_table('contact_role')
    with op.batch_alter_table('company_token', schema=None) as batch_op:
        batch_op.drop_index('ix_company_token_company')

    op.drop_table('company_token')
    with op.batch_alter_table('company_segment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_company_segment_segment_id'))

    op.drop_table('company_segment')
    with op.batch_alter_table('company_relation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_company_relation_child_id'))

    op.drop_table('company_relation')
    with op.batch_alter_table('company_name', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_company_name_normal_form'))
        batch_op.drop_index(batch_op.f('ix_company_name_company_id'))

    op.drop_table('company_name')
    with op.batch_alter_table('change', schema=None) as batch_op:
        batch_op.drop_index('ix_change_change_set')

    op.drop_table('change')
    with op.batch_alter_table('segment_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_segment_link_customer_id'))

    op.drop_table('segment_link')
    with op.batch_alter_table('park', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_park_district_id'))

    op.drop_table('park')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_state_due')
        batch_op.drop_index(batch_op.f('ix_message_recipient_id'))

    op.drop_table('message')
    op.drop_table('list_edition')
    with op.batch_alter_table('lead_total', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lead_total_owner_id'))

    op.drop_table('lead_total')
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_team_id'))
        batch_op.drop_index(batch_op.f('ix_contact_name'))

    op.drop_table('contact')
    with op.batch_alter_table('company', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_company_place_id'))
        batch_op.drop_index(batch_op.f('ix_company_normal_form'))
        batch_op.drop_index('ix_company_merged_created')

    op.drop_table('company')
    with op.batch_alter_table('change_set', schema=None) as batch_op:
        batch_op.drop_index('ix_change_set_known')
        batch_op.drop_index(batch_op.f('ix_change_set_actor_id'))

    op.drop_table('change_set')
    op.drop_table('user_account')
    op.drop_table('team')
    op.drop_table('target_list')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_email_at')
        batch_op.drop_index('ix_sign_in_attempt_address_at')

    op.drop_table('sign_in_attempt')
    with op.batch_alter_table('segment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_segment_parent_id'))

    op.drop_table('segment')
    op.drop_table('place')
    op.drop_table('job_run')
    op.drop_table('goal')
    op.drop_table('district')
    op.drop_table('channel')
    op.drop_table('calendar_day')
    op.drop_table('blob')
