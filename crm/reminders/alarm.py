"""The mail that tells administrators that nobody has planned reminders for a working day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy.dialects import postgresql, sqlite

from crm.config import Config
from crm.formats import day, language
from crm.mail.letter import inlined, new_message_id
from crm.mail.links import link
from models import db
from models.base import new_public_id
from models.enums import MessageState, Role, Way
from models.message import Message
from models.user import User

KIND = "alarm"


def queue_alarm(since: date, now: datetime) -> int:
    """Queue one mail to each administrator for that day; how many are new. Commits."""
    administrators = db.session.scalars(
        sa.select(User).where(User.active, User.role == Role.ADMINISTRATOR).order_by(User.id)
    ).all()
    queued = sum(_queue(person, since, now) for person in administrators)
    db.session.commit()
    return queued


def _queue(person: User, since: date, now: datetime) -> bool:
    config: Config = current_app.extensions["crm.config"]
    with force_locale(person.locale or "zh_Hans_CN"):
        date_ = day(since, since - timedelta(days=2))
        subject = str(gettext("从 %(day)s 起没有排过提醒", day=date_))
        lines = [
            str(gettext("%(name)s，您好。", name=person.name)),
            str(
                gettext(
                    "到 %(day)s 下班为止，系统没有排过跟进提醒，大家收不到每日邮件。", day=date_
                )
            ),
            str(gettext("请看服务器上的 worker 是否在运行，再运行 doctor，它会说出原因。")),
            str(gettext("恢复以后不用补做：错过的会并进下一封邮件。")),
        ]
        english, runs_url = language() == "en", link("job_runs.index")
        pages = f"{gettext('看运行记录')}{gettext('：')}{runs_url}"
        context = {
            "subject": subject,
            "lang": "en" if english else "zh-CN",
            "site_name": config.site_name_en if english else config.site_name_zh,
            "person": person.name,
            "lines": lines,
            "runs_url": runs_url,
        }
        template = current_app.jinja_env.get_template("emails/alarm/alarm.html")
        html = inlined(template.render(context))
    connection = db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = insert(Message).values(
        public_id=new_public_id(),
        message_id=new_message_id(config.mail_from),
        kind=KIND,
        recipient_id=person.id,
        period=since.isoformat(),
        to_address=person.email,
        subject=subject,
        text_body="\n".join([*lines, "", pages, ""]),
        html_body=html,
        state=MessageState.QUEUED,
        due_at=now,
        created_at=now,
        attempts=0,
        fence=0,
        way=Way.MAIL,
        uncertain=False,
    )
    statement = written.on_conflict_do_nothing(index_elements=["kind", "recipient_id", "period"])
    return connection.execute(statement.returning(Message.id)).scalar() is not None
