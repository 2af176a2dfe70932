"""Companies: found as they are typed, listed, and one page each."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, allowed
from crm.amounts import LARGEST_CNY
from crm.companies import archiving, edits, queries, relations
from crm.companies.badges import badges_of
from crm.companies.contacts import contacts_of, sees_leads_of, wrote_down
from crm.companies.figures import METRIC_WORDS, SOURCE_WORDS, figures_of
from crm.companies.other_names import KIND_WORDS
from crm.companies.suggest import suggest as find
from crm.errors import NotFound
from crm.formats import name, say
from crm.landing.queries import landings_of
from crm.landing.words import PHASE_WORDS
from crm.leads.claims import leading_holders
from crm.leads.stages import position, stage_name
from crm.leads.words import MODE_WORDS
from crm.referrals.queries import sides_of
from models import db
from models.company import CompanyRelation, RelationKind
from models.enums import Status
from views import export_links
from views.addresses import number_of, whole
from views.company_words import ids, suggestions
from views.figures import amount, settled_words
from views.forms.base import answer
from views.forms.company import CompanyForm, RelationForm
from views.guard import actor, needs
from views.lead_cards import badge_views, title_of
from views.toasts import toast
from views.trash import archived_page
from views.ways_back import sealed, unsealed

blueprint = Blueprint("companies", __name__, url_prefix="/companies")

LONGEST = 100


@blueprint.get("/suggest")
@needs(Right.READ_COMPANIES)
def suggest() -> ResponseReturnValue:
    """The companies that match what is typed, and who holds them."""
    return jsonify(items=suggestions(find(request.args.get("q", "")[:LONGEST]), actor().id))


@blueprint.get("")
@needs(Right.READ_COMPANIES)
def index() -> ResponseReturnValue:
    """Companies, filtered, a page at a time."""
    filters = asked_filters()
    page = queries.companies_page(filters, request.args.get("cursor"), actor=actor())
    keys = ids(page.items)
    return render_template(
        "companies/index.html",
        page=page,
        total=queries.companies_total(filters, actor=actor()),
        total_of=_sum(filters),
        chips=_chips(filters),
        filters=filters,
        list_choices=_list_choices(),
        chosen_list=f"{filters.list_code}/{filters.year}" if filters.year else filters.list_code,
        segment_choices=_segment_choices(),
        badges=badges_of(keys),
        holders=leading_holders(keys, reader=actor()),
        badge_views=badge_views,
        args=request.args.to_dict(),
        files=export_links.of_list("exports.company_list", **_args()),
    )


@blueprint.get("/<public_id>")
@needs(Right.READ_COMPANIES)
def show(public_id: str) -> ResponseReturnValue:
    """One company; leads, visits and numbers only as far as the actor may see them."""
    try:
        company = queries.company_as_it_is(public_id)
    except NotFound:
        return _archived(public_id)
    if target := queries.merged_into(company):
        return redirect(url_for("companies.show", public_id=target.public_id))
    who = actor()
    return render_template(
        "companies/show.html",
        company=company,
        badges=badge_views(badges_of([company.id])[company.id]),
        entries=queries.entries_of(company.id),
        segments=queries.segments_of(company.id),
        name_words=KIND_WORDS,
        figures=figures_of(company.id) if allowed(who, Right.READ_LEADS) else (),
        amount=amount,
        metric_words=METRIC_WORDS,
        source_words=SOURCE_WORDS,
        landings=landings_of(company.id, who),
        phase_words=PHASE_WORDS,
        relatives=relations.relatives(company.id),
        holder=leading_holders([company.id], reader=who).get(company.id),
        leads=queries.visible_leads_of([company.id], who),
        contacts=contacts_of(company.id),
        sees_numbers=sees_leads_of(who, company.id),
        wrote_down=wrote_down,
        visits=queries.visible_visits_of(company.id, who),
        mode_words=MODE_WORDS,
        sides=sides_of(company),
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        Status=Status,
    )


def _archived(public_id: str) -> ResponseReturnValue:
    """Everybody may know where a company is; who may bring it back is offered that."""
    entry = archiving.archived_company(public_id)
    assert entry.company  # noqa: S101 (asked for)
    restorable = archiving.may_archive(actor())
    kept = _("搜索、列表和产业链里都不再有它。")
    if not restorable:
        kept += _("要恢复，请找局领导或系统管理员。")
    return archived_page(entry, entry.company.name, kept=kept, restorable=restorable)


@blueprint.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_COMPANIES)
def edit(public_id: str) -> ResponseReturnValue:
    """Change what is known of a company."""
    company = queries.company_or_404(public_id)
    form = CompanyForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            edits.change_company(company, form.edit(), now=clock.now(), read=form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return redirect(url_for("companies.show", public_id=public_id))
    if request.method == "GET":
        form.show(edits.known_of(company))
    return answer(form, "companies/edit.html", company=queries.company_or_404(public_id))


@blueprint.route("/<public_id>/relations", methods=["GET", "POST"])
@needs(Right.WRITE_COMPANIES)
def relate(public_id: str) -> ResponseReturnValue:
    """Say that another company stands above or below this one."""
    company = queries.company_or_404(public_id)
    form = RelationForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            other = queries.company_or_404(form.other.data)
            pair = (other, company) if form.side.data == "parent" else (company, other)
            relations.add_relation(*pair, share_bp=form.share.data, now=clock.now())
            db.session.commit()
            toast(_("已添加关联企业"))
            return redirect(url_for("companies.show", public_id=public_id))
    return answer(form, "companies/relation.html", company=queries.company_or_404(public_id))


@blueprint.post("/<public_id>/relations/<int:relation_id>/removals")
@needs(Right.WRITE_COMPANIES)
def unrelate(public_id: str, relation_id: int) -> ResponseReturnValue:
    """Take back a relation that is wrong."""
    gone = relations.remove_relation(queries.company_or_404(public_id), relation_id)
    values = [gone.parent_id, gone.child_id, gone.kind.value, gone.share_bp, _iso(gone.from_on)]
    db.session.commit()
    was = sealed("relation", values)
    toast(_("已去掉关联企业"), url_for("companies.relate_again", public_id=public_id, was=was))
    return redirect(url_for("companies.show", public_id=public_id))


@blueprint.post("/<public_id>/relations/restorations")
@needs(Right.WRITE_COMPANIES)
def relate_again(public_id: str) -> ResponseReturnValue:
    """Bring a relation back that was just taken away."""
    company = queries.company_or_404(public_id)
    parent_id, child_id, kind, share_bp, from_on = unsealed("relation")
    was = CompanyRelation(
        parent_id=parent_id,
        child_id=child_id,
        kind=RelationKind(kind),
        share_bp=share_bp,
        from_on=date.fromisoformat(from_on) if from_on else None,
    )
    relations.bring_back(company, was, clock.now())
    db.session.commit()
    toast(_("已恢复关联企业"))
    return redirect(url_for("companies.show", public_id=public_id))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _list_choices() -> list[tuple[str, str]]:
    """Each list, and each of its years."""
    choices = [("", _("全部榜单"))]
    for edition in queries.editions():
        target = edition.target_list
        if (target.code, name(target)) not in choices:
            choices.append((target.code, name(target)))
        choices.append((f"{target.code}/{edition.year}", f"{name(target)} {edition.year}"))
    return choices


def _segment_choices() -> list[tuple[str, str]]:
    """The chain as an indented list."""
    found = [(s.code, "　" * s.depth + name(s)) for s in queries.segments()]
    return [("", _("全部环节")), *found]


def _args() -> dict[str, str]:
    """The conditions as they stand in the address."""
    names = {"q", "list", "year", "segment", "listed"}
    return {name: value for name, value in request.args.items() if name in names}


def asked_filters() -> queries.Filters:
    """The conditions that stand in the address."""
    code, _sep, year = request.args.get("list", "").partition("/")
    return queries.Filters(
        query=request.args.get("q", "").strip()[:LONGEST],
        list_code=code,
        year=number_of(year) or request.args.get("year", type=whole),
        segment=request.args.get("segment", ""),
        listed=request.args.get("listed") == "1",
        **_about_figures(),
    )


def _amount(text: str) -> int:
    return whole(text, LARGEST_CNY)


def _about_figures() -> dict[str, Any]:
    """The conditions that figures bring along; amounts are for readers of leads alone."""
    metric = request.args.get("metric", "")
    if metric not in METRIC_WORDS or not allowed(actor(), Right.READ_LEADS):
        metric = ""
    return {
        "settled": request.args.get("settled", ""),
        "metric": metric,
        "least": request.args.get("least", type=_amount) if metric else None,
    }


def _sum(filters: queries.Filters) -> tuple[str, int] | None:
    """What the companies of the list come to: the words, and the number for the figure's sake."""
    total = queries.companies_sum(filters, actor=actor())
    if total is None:
        return None
    return f"{say(METRIC_WORDS[filters.metric])} {amount(filters.metric, total)}", total


def _chips(filters: queries.Filters) -> list[dict[str, str]]:
    """The conditions that are on and have no field: what each says, and the page without."""
    args: dict[str, Any] = request.args.to_dict()
    args.pop("cursor", None)
    said = {"settled": settled_words(filters.settled)}
    if filters.metric:
        words = say(METRIC_WORDS[filters.metric])
        least = filters.least
        said["metric"] = (
            _("%(what)s已知", what=words)
            if least is None
            else _("%(what)s %(least)s以上", what=words, least=amount(filters.metric, least))
        )
    return [
        {"name": key, "value": args[key], "label": label, "url": _without(args, key)}
        for key, label in said.items()
        if label and key in args
    ]


def _without(args: dict[str, Any], key: str) -> str:
    """The page without a condition; the least value goes with its metric."""
    gone = {key, "least"} if key == "metric" else {key}
    return url_for("companies.index", **{k: v for k, v in args.items() if k not in gone})
