"""How I am reminded: at what time, by what way, when not; my robots in messengers."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.errors import NotFound
from crm.formats import say
from crm.reminders.leaves.queries import ahead, stood_in_for
from crm.reminders.personal import messengers
from crm.reminders.personal.queries import next_mail_of, personal_of
from crm.reminders.personal.rules import LONGEST_PAUSE, MESSENGERS, Personal
from crm.reminders.personal.service import save
from crm.reminders.personal.words import WAY_WORDS
from models import db
from models.enums import Way
from views.edge import settings
from views.forms.base import answer
from views.forms.reminder_setting import ReminderSettingForm, RobotForm
from views.guard import actor, needs
from views.toasts import toast

blueprint = Blueprint("reminder_settings", __name__)


@blueprint.get("/notices/settings")
@needs(Right.READ_TODAY)
def show() -> ResponseReturnValue:
    """What I chose, my robots, my leave."""
    personal = personal_of(actor().id)
    form = ReminderSettingForm(formdata=None)
    form.show(personal)
    return _page(form, personal)


@blueprint.post("/notices/settings")
@needs(Right.READ_TODAY)
def update() -> ResponseReturnValue:
    """Keep what I chose."""
    form = ReminderSettingForm()
    if form.validate_on_submit():
        with form.refusals():
            save(actor().id, form.chosen(), clock.now())
            db.session.commit()
            toast(_("提醒设置保存了。"))
            return redirect(url_for("reminder_settings.show"))
    return _page(form, personal_of(actor().id))


@blueprint.get("/notices/settings/robots/<way>")
@needs(Right.READ_TODAY)
def robot(way: str) -> ResponseReturnValue:
    """A robot's address to fill in; the one that is kept is not shown."""
    return _robot_page(RobotForm(formdata=None), _messenger(way))


@blueprint.post("/notices/settings/robots/<way>")
@needs(Right.READ_TODAY)
def set_robot(way: str) -> ResponseReturnValue:
    """Keep a robot's address."""
    form, messenger = RobotForm(), _messenger(way)
    if form.validate_on_submit():
        with form.refusals():
            messengers.set_up(
                actor().id, messenger, form.address.data, form.secret.data, clock.now()
            )
            db.session.commit()
            toast(_("%(way)s机器人填好了，可以试发一条。", way=say(WAY_WORDS[messenger])))
            return redirect(url_for("reminder_settings.show", _anchor="robots"))
    return _robot_page(form, messenger)


@blueprint.post("/notices/settings/robots/<way>/trials")
@needs(Right.READ_TODAY)
def try_robot(way: str) -> ResponseReturnValue:
    """Send a trial message, by the outbox as everything else."""
    messengers.try_out(actor().id, _messenger(way), clock.now())
    db.session.commit()
    toast(_("试发消息放进了发件箱，半分钟内发出。刷新本页看结果。"))
    return redirect(url_for("reminder_settings.show", _anchor="robots"))


@blueprint.post("/notices/settings/robots/<way>/removals")
@needs(Right.READ_TODAY)
def remove_robot(way: str) -> ResponseReturnValue:
    """Forget a robot's address."""
    messenger = _messenger(way)
    n = messengers.take_away(actor().id, messenger)
    db.session.commit()
    said = _("%(way)s机器人撤掉了。", way=say(WAY_WORDS[messenger]))
    if n:
        said += ngettext(
            "原来发到那里的 %(num)s 类提醒改发邮件。", "原来发到那里的 %(num)s 类提醒改发邮件。", n
        )
    toast(said)
    return redirect(url_for("reminder_settings.show", _anchor="robots"))


def _messenger(way: str) -> Way:
    if way not in set(MESSENGERS):
        raise NotFound
    return Way(way)


def _page(form: ReminderSettingForm, personal: Personal) -> ResponseReturnValue:
    person, now = actor(), clock.now()
    today = clock.local_date(now)
    form.offer(personal)
    begins, ends = settings().quiet_hours
    return answer(
        form,
        "reminder_settings/show.html",
        next_mail=next_mail_of(person.id, personal, now),
        house_quiet=f"{begins:%H:%M}–{ends:%H:%M}",
        first=today + timedelta(days=1),
        last=today + LONGEST_PAUSE,
        robots=messengers.robots_of(person.id),
        way_words=WAY_WORDS,
        leaves=ahead(person.id, today),
        stood_in=stood_in_for(person.id, today),
        scope=None,
        today=today,
    )


def _robot_page(form: RobotForm, way: Way) -> ResponseReturnValue:
    found = next(one for one in messengers.robots_of(actor().id) if one.way is way)
    return answer(form, "reminder_settings/robot.html", robot=found, way_words=WAY_WORDS)
