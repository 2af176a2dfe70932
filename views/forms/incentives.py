"""The form of a calculation: a field for each fact that the policy asks, made from its data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, RadioField
from wtforms.fields.choices import SelectChoice as Option

from crm.formats import exact_money, say
from crm.messages import Message, Name
from crm.offers import terms
from crm.offers.facts import Known
from crm.offers.paid import ALREADY_PAID
from crm.offers.parsing import PROPOSED
from views.forms.base import Form
from views.forms.fields import TextField, WanField, WholeField
from views.forms.lead import Choose
from views.forms.visit import Several

YES, NO, NONE = "yes", "no", "none"
PAID_KNOWN = "paid_known"
_ANSWERS = {YES: True, NO: False}
_ZERO = re.compile(r"0+(\.0*)?")
_PEOPLE = re.compile(r"[\u3001\uff0c\uff1b,;\s]+")


class CnyField(WanField):
    """An amount typed in 万元 that may be nothing at all."""

    def read(self, text: str) -> int:
        """Whole CNY; 0 is an answer."""
        return 0 if _ZERO.fullmatch(text) else super().read(text)


@dataclass(frozen=True)
class Asked:
    """A fact as the form asks it: ``rules`` are the codes of those that share the field."""

    fact: terms.Fact
    rules: tuple[str, ...]
    scope: str | None

    @property
    def name(self) -> str:
        """The field's name."""
        return f"{self.scope}__{self.fact.name}" if self.scope else self.fact.name

    @property
    def key(self) -> str:
        """The fact's name in a calculation."""
        return f"{self.scope}.{self.fact.name}" if self.scope else self.fact.name

    @property
    def none_name(self) -> str:
        """The name of the box that says there is none."""
        return f"{self.name}__none"


@dataclass(frozen=True)
class Group:
    """Facts about one thing: the project, the company, a certificate."""

    name: Name
    asked: tuple[Asked, ...]


def groups_of(policy: terms.Policy) -> tuple[Group, ...]:
    """What the form asks, each fact once, by what the first rule that asks it is applied to.

    A proposed amount is another one for each rule.
    """
    found: dict[str, dict[str, Asked]] = {}
    seen: set[str] = set()
    for rule in policy.rules:
        for fact in rule.facts:
            scope = rule.code if fact.name == PROPOSED else None
            if fact.derived or fact.name == ALREADY_PAID or (not scope and fact.name in seen):
                continue
            seen.add(fact.name)
            one = Asked(_merged(fact, policy) if not scope else fact, _asking(fact, policy), scope)
            found.setdefault(rule.applies_to, {})[one.name] = one
    return tuple(
        Group(policy.applies_to[thing], tuple(asked.values())) for thing, asked in found.items()
    )


def _asking(fact: terms.Fact, policy: terms.Policy) -> tuple[str, ...]:
    return tuple(rule.code for rule in policy.rules if fact.name in rule.by_name)


def _merged(fact: terms.Fact, policy: terms.Policy) -> terms.Fact:
    """The fact with the values of all rules that ask it."""
    values = {
        choice.value: choice
        for rule in policy.rules
        if fact.name in rule.by_name
        for choice in rule.by_name[fact.name].values
    }
    return terms.Fact(
        fact.name, fact.type, fact.label, fact.known_by, tuple(values.values()), none=fact.none
    )


class IncentivesForm(Form):
    """Facts, payments and readings; made by ``incentives_form``."""

    policy: terms.Policy
    groups: tuple[Group, ...] = ()
    known: Mapping[str, Known] = {}

    def field_of(self, rule: terms.Rule, fact: terms.Fact) -> Field | None:
        """The field that asks a rule's fact."""
        if fact.name == ALREADY_PAID:
            return self[PAID_KNOWN]
        return self._fields.get(f"{rule.code}__{fact.name}") or self._fields.get(fact.name)

    def source(self, asked: Asked) -> Message | None:
        """Which record says what stands in the field; None once somebody typed."""
        return self.known[asked.key].source if asked.key in self.known else None

    def filled(self, group: Group) -> int:
        """How many of a group's facts are known."""
        return sum(asked.key in self.facts for asked in group.asked)

    @property
    def facts(self) -> dict[str, Any]:
        """What was filled in, as facts of a calculation."""
        found = {
            asked.key: value
            for group in self.groups
            for asked in group.asked
            if (value := self._value_of(asked)) is not _UNKNOWN
        }
        payments = list(self._payments())
        if payments or self[PAID_KNOWN].data:
            found[ALREADY_PAID] = payments
        return found

    @property
    def switches(self) -> dict[str, str]:
        """The readings that were chosen otherwise than they stand."""
        return {
            f"{rule.code}.{switch.name}": field.data
            for rule, switch, field in self.readings
            if field.data and field.data != switch.default
        }

    @property
    def readings(self) -> Iterator[tuple[terms.Rule, terms.Switch, Field]]:
        """Each switch of each rule, with its field."""
        for rule in self.policy.rules:
            for switch in rule.switches:
                yield rule, switch, self[_switch_name(rule, switch)]

    @property
    def payments(self) -> Iterator[tuple[terms.Rule, Field]]:
        """Each rule that asks what was paid before, with its field."""
        for rule in self.policy.rules:
            if ALREADY_PAID in rule.by_name:
                yield rule, self[_paid_name(rule)]

    def _value_of(self, asked: Asked) -> Any:
        if asked.fact.none is not None and self[asked.none_name].data:
            return None
        data = self[asked.name].data
        if data in (None, "", []):
            return _UNKNOWN
        match asked.fact.type:
            case terms.FactType.BOOL:
                return _ANSWERS.get(data, _UNKNOWN)
            case terms.FactType.LIST if asked.fact.values:
                return [value for value in data if value != NONE]
            case terms.FactType.LIST:
                return [name for name in _PEOPLE.split(data) if name]
            case _:
                return data

    def _payments(self) -> Iterator[dict[str, Any]]:
        for rule, field in self.payments:
            if not field.data:
                continue
            entry: dict[str, Any] = {"rule": rule.code}
            match rule.amount:
                case terms.Tiers():
                    entry["tier"] = (
                        int(field.data) if re.fullmatch("[0-9]{1,15}", field.data) else 0
                    )
                case terms.PerLevel():
                    entry["cert_level"] = field.data
                case terms.Recorded():
                    pass
                case _:
                    entry["amount_cny"] = field.data
            yield entry


_UNKNOWN = object()


def incentives_form(
    policy: terms.Policy, sent: MultiDict[str, str] | None, known: Mapping[str, Known]
) -> IncentivesForm:
    """The form with what was sent, or with what is known when nothing was sent yet."""
    groups = groups_of(policy)
    fields: dict[str, Any] = {
        "policy": policy,
        "groups": groups,
        "known": {} if sent is not None else known,
        "shown_as": {ALREADY_PAID: PAID_KNOWN},
        PAID_KNOWN: BooleanField(_("以前兑现过的都填在下面；没填的就是没有")),
    }
    for asked in (one for group in groups for one in group.asked):
        fields[asked.name] = _field(asked.fact)
        fields["shown_as"][asked.key] = asked.name
        if asked.fact.none is not None:
            fields[asked.none_name] = BooleanField(say(asked.fact.none))
    for rule in policy.rules:
        if ALREADY_PAID in rule.by_name:
            fields[_paid_name(rule)] = _paid_field(rule)
        for switch in rule.switches:
            fields[_switch_name(rule, switch)] = _switch_field(rule, switch)
            fields["shown_as"][f"{rule.code}.{switch.name}"] = _switch_name(rule, switch)
    made = type("IncentivesForm", (IncentivesForm,), fields)
    data = None if sent is not None else _shown(groups, known)
    form: IncentivesForm = made(formdata=sent, data=data, meta={"csrf": False})
    return form


def _field(fact: terms.Fact) -> Any:
    label = say(fact.label)
    match fact.type:
        case terms.FactType.BOOL:
            choices = [
                Option("", _("未知")),
                Option(YES, pgettext("choice", "是")),
                Option(NO, pgettext("choice", "否")),
            ]
            return RadioField(label, choices=choices, default="", validate_choice=False)
        case terms.FactType.ENUM:
            return Choose(label, choices=[Option("", _("未知")), *_choices(fact.values)])
        case terms.FactType.LIST if fact.values:
            return OnLists(label, fact.values)
        case terms.FactType.MONEY:
            return CnyField(label)
        case terms.FactType.INT | terms.FactType.YEAR:
            return WholeField(label)
        case _:
            return TextField(label)


class OnLists(Several):
    """Which lists; "none of them" is an answer too."""

    def __init__(self, label: str, values: Sequence[terms.Choice], **options: Any) -> None:
        super().__init__(label, **options)
        self.choices = [*_choices(values), Option(NONE, _("都不在"))]


def _choices(values: Sequence[terms.Choice]) -> list[Option]:
    return [Option(choice.value, say(choice.name)) for choice in values]


def _paid_field(rule: terms.Rule) -> Any:
    label = say(rule.name)
    match rule.amount:
        case terms.Tiers() as amount:
            tiers = [Option(str(start), exact_money(start)) for start, _pays in amount.tiers]
            return Choose(label, choices=[Option("", _("没有")), *tiers], default="")
        case terms.PerLevel():
            return WholeField(label)
        case terms.Recorded():
            return BooleanField(label)
        case _:
            return CnyField(label)


def _switch_field(rule: terms.Rule, switch: terms.Switch) -> Any:
    label = _("%(rule)s：%(switch)s", rule=say(rule.name), switch=say(switch.label))
    return Choose(label, choices=_choices(switch.options), default=switch.default)


def _paid_name(rule: terms.Rule) -> str:
    return f"paid__{rule.code}"


def _switch_name(rule: terms.Rule, switch: terms.Switch) -> str:
    return f"switch__{rule.code}__{switch.name}"


def _shown(groups: Sequence[Group], known: Mapping[str, Known]) -> dict[str, Any]:
    """What is known, as the fields show it."""
    data: dict[str, Any] = {PAID_KNOWN: ALREADY_PAID in known}
    for asked in (one for group in groups for one in group.asked):
        if asked.key not in known:
            continue
        value = known[asked.key].value
        if value is None:
            data[asked.none_name] = True
        elif isinstance(value, bool):
            data[asked.name] = YES if value else NO
        elif isinstance(value, list):
            data[asked.name] = _list_shown(asked.fact, value)
        else:
            data[asked.name] = value
    return data


def _list_shown(fact: terms.Fact, value: list[Any]) -> Any:
    if fact.values:
        return value or [NONE]
    return _("、").join(one["name"] if isinstance(one, dict) else str(one) for one in value)
