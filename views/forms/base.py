"""What every form shares: refusals of a service become sentences at its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.form import SUBMIT_METHODS
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest
from wtforms import Field, HiddenField, SelectField, SelectMultipleField

from crm.errors import Conflict, Refusal
from crm.formats import say
from crm.together import Read, Stale
from models import db
from models.columns import UNKEEPABLE
from views.addresses import NOT_KEPT
from views.errors import as_json, wants_json


class Form(FlaskForm):
    """A form whose errors may also come from a service."""

    # Where a refusal names a field that the form shows under another name.
    shown_as: dict[str, str] = {}  # noqa: RUF012 (a table, replaced by subclasses)
    # Fields that stand on the page in another order than they are declared in, after the others:
    # what is wrong is listed as one comes upon it.
    as_shown: tuple[str, ...] = ()
    # What a service refused last, whose code and sentence machines get.
    refusal: Refusal | None = None

    class Meta(FlaskForm.Meta):
        """Reads JSON as forms are sent: texts by name."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; JSON that is no object is a bad request."""
            given = formdata is None or hasattr(formdata, "getlist")
            if given or not request.is_json or request.method not in SUBMIT_METHODS:
                return super().wrap_formdata(form, formdata)
            if not isinstance(body := request.get_json(), dict):
                raise BadRequest
            return ImmutableMultiDict({name: _texts(value) for name, value in body.items()})

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for name in self.as_shown:
            self._fields[name] = self._fields.pop(name)

    def process(self, *args: Any, **values: Any) -> None:
        """Read what was sent; what no database keeps is left out, and said at its field."""
        super().process(*args, **values)
        for field in self:
            if (kept := _keepable(field.raw_data)) != field.raw_data:
                field.raw_data, field.data = kept, _keepable(field.data)
                field.process_errors = [say(NOT_KEPT)]

    def all_right(self, attempt: Callable[[], object]) -> bool:
        """Whether the form was sent and every field could be read.

        Where one could not, ``attempt`` (the service's verb) is made all the same and undone: what
        it would refuse is said along with it, and nobody presses twice to hear of it.
        """
        if not self.is_submitted():
            return False
        if self.validate():
            return True
        try:
            attempt()
        except Refusal as refusal:
            self.refuse(refusal)
        except Conflict:
            pass  # who was faster is said when everything can be read
        db.session.rollback()
        return False

    def refuse(self, refusal: Refusal) -> None:
        """Put each sentence at its field; what no field shows stands on top of the form.

        A field that could not be read has its sentence: to the service it looked empty.
        """
        self.refusal = refusal
        unread = {field.name for field in self.wrong}
        for name, texts in refusal.errors.items():
            field = self._fields.get(self.shown_as.get(name, name))
            sentences = [say(text) for text in texts]
            if field is None:
                self.form_errors.extend(sentences)
            elif field.name not in unread:
                field.errors = [*field.errors, *sentences]
        if not refusal.errors:
            self.form_errors.append(say(refusal.message))

    @property
    def gates(self) -> list[tuple[str, str]]:
        """Of each unmet gate field, what shows it ("form" where no field does), and its name."""
        refusal = self.refusal
        if refusal is None or refusal.code != "gate_unmet":
            return []
        shown = ((self.shown_as.get(gate, gate), gate) for gate in refusal.errors)
        return [(field if field in self._fields else "form", gate) for field, gate in shown]

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


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    texts = {True: "true", False: "false"}
    return [texts[one] if isinstance(one, bool) else str(one) for one in values if one is not None]


def _keepable(value: Any) -> Any:
    if isinstance(value, list):
        return [_keepable(one) for one in value]
    return UNKEEPABLE.sub("", value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Clash:
    """Both values of a field that two people changed, in words."""

    name: str
    label: str
    theirs: str
    yours: str


class ChangeForm(Form):
    """A form over a record that somebody else may change meanwhile (``crm.together``)."""

    read = HiddenField()
    stale: Stale | None = None

    def stamp(self, values: Mapping[str, Any]) -> None:
        """Write down in the form what its reader sees, by the service's names."""
        self._stamp(Read.of(values))

    @cached_property
    def has_read(self) -> Read | None:
        """What the person had read, and where they keep the other's value."""
        chosen = {name for name, value in request.form.items() if value == "theirs"}
        keep = {name.removeprefix("keep_") for name in chosen if name.startswith("keep_")}
        return Read.from_text(str(self.read.data or ""), keep)

    def saved(self, text: str) -> str:
        """What is said of a save: also which of the other's changes it left standing."""
        kept = self.has_read.kept if self.has_read else []
        if not kept:
            return text
        labels = _("、").join(str(self._field(name).label.text) for name in kept)
        also = _("别人刚改的也留着：%(fields)s。", fields=labels)
        return f"{text}{also}"

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Also when somebody was faster: nothing is saved, and both values are shown."""
        try:
            with super().refusals():
                yield
        except Stale as stale:
            if wants_json():
                raise
            db.session.rollback()
            self.stale = stale
            self._stamp(stale.read)
            for name, value in stale.taken.items():
                self._take(self._field(name), value)

    @property
    def clashes(self) -> list[Clash]:
        """The fields to choose in."""
        changed = self.stale.changed if self.stale else {}
        return [
            Clash(
                name=name,
                label=self._field(name).label.text,
                theirs=self._said(name, theirs),
                yours=self._said(name, yours),
            )
            for name, (theirs, yours) in changed.items()
        ]

    @property
    def taken(self) -> list[tuple[str, str]]:
        """What only the other changed, in words: it stands in the form already."""
        taken = self.stale.taken if self.stale else {}
        return [(self._field(n).label.text, self._said(n, value)) for n, value in taken.items()]

    def _field(self, name: str) -> Field:
        return self._fields[self.shown_as.get(name, name)]

    def _stamp(self, read: Read) -> None:
        # A hidden field shows what was sent; after a clash it is what is known now.
        self.read.data, self.read.raw_data = str(read), None

    @staticmethod
    def _take(field: Field, value: Any) -> None:
        if isinstance(field, SelectField) and not isinstance(field, SelectMultipleField):
            value = "" if value is None else str(value)
            if value not in {str(key) for key, _label in field.choices or ()}:
                # Else the browser would choose the first of the list.
                field.choices = [*(field.choices or ()), (value, value)]
        field.data, field.raw_data = value, None

    def _said(self, name: str, value: Any) -> str:
        """A value as its field shows it."""
        field = self._field(name)
        if value is None or value in ("", []):
            return str(_("未填"))
        if isinstance(value, bool):
            return str(_("是") if value else _("否"))
        if isinstance(field, SelectField):
            words = {str(key): str(label).strip() for key, label in field.choices or ()}
            chosen = value if isinstance(value, list) else [value]
            return str(_("、").join(words.get(str(one), str(one)) for one in chosen))
        shown = getattr(field, "shown", str)
        return str(shown(value))


def answer(
    form: Form, template: str, stale: Conflict | None = None, /, **context: object
) -> ResponseReturnValue:
    """The form's page: as asked for, or (422) with its errors; JSON for who wants JSON.

    A stale form is answered with 409 and both values of what two people changed, or with what
    somebody else did meanwhile (``stale``).
    """
    failed = request.method == "POST" and (form.errors or form.form_errors)
    stale = stale or getattr(form, "stale", None)
    if wants_json() and stale is not None:
        return jsonify(as_json(stale)), stale.status
    if wants_json() and failed:
        return jsonify(as_refused(form)), Refusal.status
    status = Conflict.status if stale is not None else Refusal.status if failed else 200
    return render_template(template, form=form, stale=stale, **context), status


def as_refused(form: Form) -> dict[str, object]:
    """A form's errors in the shape that machines get.

    What a gate asks for goes by the gate's own name, as the API says it, whatever field shows it.
    """
    body = as_json(form.refusal or Refusal({}))
    shown = {field.name: [str(text) for text in field.errors] for field in form.wrong}
    if form.form_errors:
        shown["form"] = [str(text) for text in form.form_errors]
    errors: dict[str, list[str]] = {}
    for field, gate in form.gates:
        said = [text for text in body["errors"][gate] if text in shown.get(field, ())]
        if said:
            errors[gate] = said
            shown[field] = [text for text in shown[field] if text not in said]
    for field, texts in shown.items():
        if texts:
            errors[field] = [*errors.get(field, ()), *texts]
    return {**body, "errors": errors}
