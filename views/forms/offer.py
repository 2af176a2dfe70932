"""Forms of an offer: what is proposed, and what is decided of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from crm.formats import say
from crm.offers.pages import Again
from crm.offers.policy import policy
from crm.offers.rules import Decision, Proposal, field_of, offered
from models.enums import OfferState
from views.forms.base import Form
from views.forms.fields import LongTextField, WanField

ASKS, NOTHING = "asks", "nothing"


class OfferForm(Form):
    """What is asked: amounts by the policy's rules, or nothing, and why."""

    ask = RadioField(
        _l("企业申请扶持吗"),
        choices=[SelectChoice(ASKS, _l("申请扶持")), SelectChoice(NOTHING, _l("不申请扶持"))],
        default=ASKS,
        validate_choice=False,
    )
    note = LongTextField(_l("说明"))

    def proposal(self) -> Proposal:
        """What was sent, ready for the service; an empty amount is no line."""
        nothing = self.ask.data == NOTHING
        amounts = {rule.code: self[field_of(rule.code)].data for rule in offered(policy())}
        lines = {code: amount for code, amount in amounts.items() if amount is not None}
        return Proposal({} if nothing else lines, nothing, self.note.data or "")

    def amount_of(self, code: str) -> WanField:
        """The field of a rule's amount."""
        return cast("WanField", self[field_of(code)])


def offer_form(**options: Any) -> OfferForm:
    """The form with an amount for each rule of the policy in force."""
    return _form_of(policy().rules_version)(**options)


def filled(again: Again | None) -> dict[str, Any]:
    """What the form of the next version starts from."""
    if again is None:
        return {}
    before = again.refused
    return {
        **{field_of(code): amount for code, amount in again.lines.items()},
        "ask": NOTHING if before.no_incentive else ASKS,
        "note": before.note,
    }


@lru_cache(maxsize=2)
def _form_of(_rules_version: str) -> type[OfferForm]:
    amounts = {field_of(rule.code): WanField(_named(rule.code)) for rule in offered(policy())}
    return cast("type[OfferForm]", type("PolicyOfferForm", (OfferForm,), amounts))


def _named(code: str) -> Any:
    """The rule's name in the reader's language, whoever reads."""
    rule = policy().by_code[code]
    return LazyString(say, rule.name)


class DecisionForm(Form):
    """Approve or refuse; ``seen`` is the state in which the person read it."""

    decision = HiddenField(_l("决定"))
    seen = HiddenField()
    reason = LongTextField(_l("意见"))

    @property
    def decided(self) -> Decision | None:
        """Which button was pressed."""
        return Decision(self.decision.data) if self.decision.data in set(Decision) else None

    @property
    def state_seen(self) -> OfferState | None:
        """The state that was read; nothing when the form did not say."""
        return OfferState(self.seen.data) if self.seen.data in set(OfferState) else None
