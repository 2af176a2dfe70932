"""Forms of what people write on a lead: directives, their answers, matters, comments."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from models.user import User
from views.forms.base import ChangeForm, Form
from views.forms.fields import DayField, LongTextField
from views.forms.lead import Choose
from views.forms.visit import Several


class DirectiveForm(Form):
    """What is asked, of whom, by when."""

    client_key = HiddenField()
    text = LongTextField(_l("批示"))
    to = Choose(_l("请谁回复"))
    due_on = DayField(_l("回复日期"))


class AnswerForm(Form):
    """The answer to a directive."""

    draft = HiddenField()
    client_key = HiddenField()
    answer = LongTextField(_l("回复"))


class DirectiveDayForm(Form):
    """Another day for a directive, and why."""

    due_on = DayField(_l("改到"))
    reason = LongTextField(_l("为什么改期"))


class MatterForm(Form):
    """What has to be coordinated."""

    client_key = HiddenField()
    text = LongTextField(_l("要协调什么"))
    due_on = DayField(_l("哪天前要有结果"))


class CommentForm(Form):
    """A comment, and who is told of it."""

    draft = HiddenField()
    client_key = HiddenField()
    text = LongTextField(_l("评论"))
    mentions = Several(_l("提醒同事"))

    def offer(self, people: Iterable[User]) -> None:
        """Offer the colleagues who may see the lead."""
        self.mentions.offer((user.public_id, user.name) for user in people)


class EditCommentForm(ChangeForm):
    """A comment put right."""

    text = LongTextField(_l("评论"))


def draft_of(kind: str, subject: str, author: str) -> str:
    """Under what name a browser keeps a draft: by author and subject."""
    return f"{kind}:{author}:{subject}"
