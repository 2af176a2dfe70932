"""The forms of how a person is reminded: when and by what way, a robot's address, a leave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField

from crm.formats import say
from crm.reminders.leaves.queries import Colleague
from crm.reminders.leaves.service import LeaveInput
from crm.reminders.personal.rules import MESSENGERS, MINUTES, Personal, Topic, time_of
from crm.reminders.personal.service import Chosen
from crm.reminders.personal.words import TOPIC_HINTS, TOPIC_WORDS, WAY_WORDS
from models.enums import Way
from views.forms.base import Form
from views.forms.fields import DayField, TextField, TimeField


class ReminderSettingForm(Form):
    """When the day's mail comes, when nothing comes, and the way of each topic."""

    minute = SelectField(_l("每日提醒几点发"), coerce=str, validate_choice=False)
    quiet_from = TimeField(_l("从"))
    quiet_to = TimeField(_l("到"))
    steps_by = SelectField(coerce=str, validate_choice=False)
    cadence_by = SelectField(coerce=str, validate_choice=False)
    asked_by = SelectField(coerce=str, validate_choice=False)
    talk_by = SelectField(coerce=str, validate_choice=False)
    targets_by = SelectField(coerce=str, validate_choice=False)
    paused_until = DayField(_l("暂停到这天，当天恢复"))

    def offer(self, personal: Personal) -> None:
        """The times there are, and the ways that reach this person or that they had chosen."""
        self.minute.choices = [(str(one), f"{time_of(one):%H:%M}") for one in MINUTES]
        for topic, chosen in self.topics:
            ways = [
                way
                for way in Way
                if way not in MESSENGERS
                or way in personal.reachable
                or way is personal.ways.get(topic)
            ]
            chosen.label.text = say(TOPIC_WORDS[topic])
            chosen.choices = [(way.value, say(WAY_WORDS[way])) for way in ways]

    def show(self, personal: Personal) -> None:
        """What holds now."""
        self.minute.data = str(personal.minute)
        if personal.quiet:
            self.quiet_from.data, self.quiet_to.data = personal.quiet.begins, personal.quiet.ends
        self.paused_until.data = personal.paused_until
        for topic, field in self.topics:
            field.data = personal.ways.get(topic, Way.MAIL).value

    @property
    def topics(self) -> list[tuple[Topic, Field]]:
        """Each topic with its field."""
        return [(topic, self._fields[f"{topic.value}_by"]) for topic in Topic]

    @property
    def hinted(self) -> list[tuple[Field, str]]:
        """Each topic's field with what belongs to it, in words."""
        return [(field, say(TOPIC_HINTS[topic])) for topic, field in self.topics]

    def chosen(self) -> Chosen:
        """What was chosen, ready for the service."""
        minute = self.minute.data or ""
        return Chosen(
            minute=int(minute) if re.fullmatch("[0-9]{1,4}", minute) else None,
            quiet_from=self.quiet_from.data,
            quiet_to=self.quiet_to.data,
            paused_until=self.paused_until.data,
            ways={
                topic: Way(field.data) if field.data in set(Way) else None
                for topic, field in self.topics
            },
        )


class RobotForm(Form):
    """A robot's address, as the messenger shows it for copying."""

    address = TextField(_l("机器人地址（Webhook）"))
    secret = TextField(_l("加签密钥"))


class LeaveForm(Form):
    """From when to when, and who is reminded meanwhile."""

    from_on = DayField(_l("第一天"))
    to_on = DayField(_l("最后一天"))
    deputy = SelectField(_l("谁代您接收提醒"), coerce=str, validate_choice=False)

    def offer(self, colleagues: Iterable[Colleague]) -> None:
        """Those who may stand in."""
        choices: list[Any] = [("", _("请选"))]
        choices += [
            (one.public_id, " · ".join(filter(None, (one.name, say(one.team) if one.team else ""))))
            for one in colleagues
        ]
        self.deputy.choices = choices

    def entry(self) -> LeaveInput:
        """What was typed, ready for the service."""
        return LeaveInput(self.from_on.data, self.to_on.data, self.deputy.data or "")
