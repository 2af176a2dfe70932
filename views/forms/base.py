"""What every form shares: refusals of a service become sentences at its fields."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import Field

from crm.errors import Refusal
from crm.formats import say
from crm.messages import msg
from models import db
from views.errors import as_json, wants_json


class Form(FlaskForm):
    """A form whose errors may also come from a service."""

    # Where a refusal names a field that the form shows under another name.
    shown_as: dict[str, str] = {}  # noqa: RUF012 (a table, replaced by subclasses)

    def refuse(self, refusal: Refusal) -> None:
        """Put each sentence at its field; what no field shows stands on top of the form."""
        for name, texts in refusal.errors.items():
            field = self._fields.get(self.shown_as.get(name, name))
            sentences = [say(text) for text in texts]
            if field is None:
                self.form_errors.extend(sentences)
            else:
                field.errors = [*field.errors, *sentences]
        if not refusal.errors:
            self.form_errors.append(say(refusal.message))

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Run a service call; a refusal undoes what it did and is shown at the fields."""
        try:
            yield
        except Refusal as refusal:
            db.session.rollback()
            self.refuse(refusal)

    @property
    def wrong(self) -> list[Field]:
        """The fields with errors, in their order, for the summary on top."""
        return [field for field in self if field.errors]


def answer(form: Form, template: str, **context: object) -> ResponseReturnValue:
    """The form's page: as asked for, or (422) with its errors; JSON for who wants JSON."""
    failed = request.method == "POST" and (form.errors or form.form_errors)
    if failed and wants_json():
        return jsonify(as_refused(form)), 422
    return render_template(template, form=form, **context), 422 if failed else 200


def as_refused(form: Form) -> dict[str, object]:
    """A form's errors in the shape that machines get."""
    body = as_json(Refusal({}, msg("还不能保存，请看标出的地方。")))
    body["errors"] = {field.name: [str(text) for text in field.errors] for field in form.wrong}
    if form.form_errors:
        body["errors"]["form"] = [str(text) for text in form.form_errors]
    return body
