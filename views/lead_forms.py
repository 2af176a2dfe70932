"""What the forms of a lead offer and show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from crm.access import Actor
from crm.leads import choices, prefilling
from crm.leads.edits import known_of, may_hand_over
from crm.offers.queries import OffersOfLead
from crm.visits.queries import readable_visit
from models.attachment import AttachmentKind
from models.enums import Role
from models.lead import Lead
from views.forms.lead import FIGURES, EditLeadForm, NewLeadForm, ProjectFields, undecided
from views.forms.stage_change import FILLABLE, VISITED

# Who works on a lead: for those who may hand over.
WHOSE = ("owner", "team", "liaison")


def offer_new(form: NewLeadForm, actor: Actor, today: date) -> None:
    """The choices of a new lead; a manager says whose it is, who is in one team need not."""
    _offer(form)
    people = choices.owners(actor, today)
    if actor.role is Role.MANAGER:
        form.owner.offer_people(people, _("请选负责人"))
        form.team.offer(choices.teams(), _("请选小分队"))
    else:
        form.owner.offer_people(people, _("我自己"))
        form.team.offer(choices.own_teams(actor))
    form.segment.choices.insert(0, ("", _("请选环节")))
    form.channel.choices.insert(0, ("", _("请选来源")))


def offer_edit(form: EditLeadForm, lead: Lead, actor: Actor, today: date) -> None:
    """The choices of a known lead; who works on it is for those who may hand over."""
    _offer(form)
    for name in WHOSE:
        if name in form and not may_hand_over(lead, actor):
            del form[name]
    if "owner" in form:
        form.owner.offer_people(_with(lead.owner, choices.owners(actor, today)))
    if "team" in form:
        form.team.offer(choices.teams())
    if "liaison" in form:
        form.liaison.offer_people(choices.liaisons(), _("没有"))


def _offer(form: ProjectFields) -> None:
    if "segment" in form:
        form.segment.offer(choices.segments())
    if "channel" in form:
        form.channel.offer(choices.channels())
    if "district" in form:
        form.district.offer(choices.places(), undecided())


def _with(person: Any, people: Iterable[Any]) -> list[Any]:
    found = list(people)
    return found if person in found else [person, *found]


def preset(form: NewLeadForm, args: Mapping[str, str], actor: Actor) -> None:
    """Fill in what the address says: a company, a list's entry, a segment, a visit's need.

    Raises NotFound for a visit that the actor may not read.
    """
    form.segment.data = args.get("segment", "")
    form.channel.data = args.get("channel", "")
    form.event.data = args.get("event", "")
    form.referrer.data = args.get("referrer", "")
    form.company.data = args.get("company", "")
    if visit := args.get("visit"):
        form.need.data = readable_visit(actor, visit).need
    entry = args.get("entry", "")
    if entry.isdecimal() and len(entry) < 10:
        form.company.data = prefilling.company_of_entry(int(entry)) or form.company.data
    if form.company.data and not form.segment.data:
        form.segment.data = prefilling.segment_of(form.company.data)


def about_company(form: NewLeadForm) -> dict[str, Any]:
    """The chosen company's name, and who holds it, for the form that is shown (again)."""
    given, referrer = form.company.data or "", form.referrer.data or ""
    found = prefilling.chosen(given, referrer, form.event.data or "")
    return {
        "company_name": found.company.name if found.company else given,
        "company_value": found.company.public_id if found.company else given,
        "holders": found.holders,
        "referrer_name": found.referrer.name if found.referrer else referrer,
        "event": found.event,
    }


def show(form: EditLeadForm, lead: Lead) -> None:
    """Fill the form with what is known."""
    known = {
        **{name: getattr(lead, name) for name in ("project", "need", *FIGURES)},
        "segment": lead.segment.code,
        "channel": lead.channel.code,
        "district": place_choice(lead),
        "owner": lead.owner.public_id,
        "team": lead.team.code,
        "liaison": lead.liaison.public_id if lead.liaison else "",
    }
    for name, value in known.items():
        if name in form:
            form[name].data = value
    form.stamp(known_of(lead))


def place_choice(lead: Lead) -> str:
    """District or park of a lead as the one choice people make."""
    if lead.park is not None:
        return f"park:{lead.park.code}"
    return f"district:{lead.district.code}" if lead.district is not None else ""


def way_out(
    lead: Lead, field: str, target: str, offers: OffersOfLead | None = None
) -> dict[str, Any] | None:
    """Where a missing gate field can be had, or nothing where this person can not have it.

    ``offers`` are the lead's, as far as the person may see them.
    """
    if field in VISITED:
        return {
            "url": url_for("visits.new", lead=lead.public_id),
            "text": _("记走访"),
            "dialog": False,
        }
    if field == "agreement":
        kind = AttachmentKind.AGREEMENT.value
        url = url_for("attachments.new_on_lead", public_id=lead.public_id, kind=kind)
        return {"url": url, "text": _("上传"), "dialog": True}
    if field in FILLABLE:
        url = url_for("stage_changes.new", public_id=lead.public_id, to_stage=target)
        text = _("选日期") if field == "signed_on" else _("填写")
        return {"url": url, "text": text, "dialog": True}
    return _way_to_offer(lead, offers) if field == "offer" else None


def _way_to_offer(lead: Lead, offers: OffersOfLead | None) -> dict[str, Any] | None:
    """To the offer that waits, or to a new one."""
    if offers is None:
        return None
    if (one := offers.waiting) is not None:
        url = url_for("offers.show", public_id=one.public_id)
        text = _("去批准") if one.may_decide else _("查看")
        return {"url": url, "text": text, "dialog": False}
    if not offers.may_propose:
        return None
    url = url_for("offers.new", public_id=lead.public_id)
    text = _("重新提出") if offers.versions else _("提出测算")
    return {"url": url, "text": text, "dialog": False}
