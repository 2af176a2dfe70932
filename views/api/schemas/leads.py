"""Leads and their moves."""

from __future__ import annotations

from crm.landing.local_company import NEW
from crm.landing.rules import FULL_SHARE_BP
from crm.landing.words import EMPLOYEE_SOURCES
from crm.leads.inputs import MAX_HEADCOUNT, MAX_NEED, MAX_PROJECT, MAX_SPACE_M2, MAX_STEP
from crm.leads.rules import MAX_REASON
from models.base import PUBLIC_ID_LENGTH
from models.company import NAME_LENGTH
from models.enums import Stage, Status
from views.api import fields as f

_SEGMENT = "Code of a chain segment, see `/chain-map`"
_NEED = f.EXAMPLES["need"]
_STEP = f.EXAMPLES["next_step"]


class LeadSchema(f.Record):
    """A lead: one company's possible project here."""

    id = f.Key("Id", attribute="lead.public_id", required=True)
    company = f.Key("Id of the company", attribute="lead.company.public_id", required=True)
    segment = f.Code(_SEGMENT, "FND-DB", attribute="lead.segment.code", required=True)
    channel = f.Code(
        "Code of the source channel, see `/codes`",
        "resident",
        attribute="lead.channel.code",
        required=True,
    )
    project = f.Text(
        attribute="lead.project",
        required=True,
        metadata=f.about(
            "Name of the project; empty when the company has one only", f.EXAMPLES["project"]
        ),
    )
    owner = f.Key("Id of the owner", attribute="lead.owner.public_id", required=True)
    team = f.Code("Code of the team", "beijing", attribute="lead.team.code", required=True)
    liaison = f.Key(
        "Id of the liaison leader",
        attribute="lead.liaison.public_id",
        dump_default=None,
        allow_none=True,
    )
    district = f.Code(
        "Code of the target district",
        "nanhu",
        attribute="lead.district.code",
        dump_default=None,
        allow_none=True,
    )
    park = f.Code(
        "Code of the target park",
        "nanhu",
        attribute="lead.park.code",
        dump_default=None,
        allow_none=True,
    )
    stage = f.Choice(Stage, "Stage", "engaged", attribute="lead.stage", required=True)
    status = f.Choice(Status, "Status", "active", attribute="lead.status", required=True)
    hold_until = f.Day("On hold until", attribute="lead.hold_until", allow_none=True)
    planned_investment_cny = f.money(
        "Planned investment", attribute="lead.planned_investment_cny", allow_none=True
    )
    planned_revenue_cny = f.money(
        "Software revenue in year three",
        240_000_000,
        attribute="lead.planned_revenue_cny",
        allow_none=True,
    )
    planned_headcount = f.Whole(
        "People in year three",
        160,
        most=MAX_HEADCOUNT,
        attribute="lead.planned_headcount",
        allow_none=True,
    )
    space_m2 = f.Whole(
        "Space asked for, m²", 3000, most=MAX_SPACE_M2, attribute="lead.space_m2", allow_none=True
    )
    signed_investment_cny = f.money(
        "Signed investment", attribute="lead.signed_investment_cny", allow_none=True
    )
    expected_signing_on = f.Day(
        "Expected signing", "2027-03-01", attribute="lead.expected_signing_on", allow_none=True
    )
    expected_landing_on = f.Day(
        "Expected landing", "2027-09-01", attribute="lead.expected_landing_on", allow_none=True
    )
    signed_on = f.Day("Signed", attribute="lead.signed_on", allow_none=True)
    local_company = f.Key(
        "Id of the local company",
        attribute="local.company",
        dump_default=None,
        allow_none=True,
    )
    credit_code = f.Text(
        attribute="local.credit_code",
        dump_default=None,
        allow_none=True,
        metadata=f.about("Its unified social credit code", f.CREDIT_CODE),
    )
    registered_capital_cny = f.money(
        "Its registered capital",
        50_000_000,
        attribute="local.registered_capital_cny",
        dump_default=None,
        allow_none=True,
    )
    funds_in_place_cny = f.money(
        "What has been paid in of it",
        20_000_000,
        attribute="local.funds_in_place_cny",
        dump_default=None,
        allow_none=True,
    )
    registered_on = f.Day("Registered", attribute="lead.registered_on", allow_none=True)
    employees = f.Whole(
        "Its employees, as reported last",
        12,
        most=f.LARGEST_WHOLE,
        attribute="local.employees",
        dump_default=None,
        allow_none=True,
    )
    landed_on = f.Day("Landed", attribute="lead.landed_on", allow_none=True)
    need = f.Text(
        attribute="lead.need",
        allow_none=True,
        metadata=f.about("What the company wants, in a sentence", _NEED),
    )
    last_touch_at = f.Moment("Last touch", attribute="lead.last_touch_at", allow_none=True)
    next_step = f.Text(allow_none=True, metadata=f.about("What is to be done next", _STEP))
    next_step_on = f.Day("When", attribute="lead.next_step_on", allow_none=True)
    stage_since = f.Day("In this stage since", attribute="lead.stage_since", required=True)
    stalls_on = f.Day(
        "First day on which it counts as stalled; null while it can not",
        attribute="lead.stalls_on",
        allow_none=True,
    )
    created_at = f.Moment("Registered here", attribute="lead.created_at", required=True)
    updated_at = f.Moment("Last change", attribute="lead.updated_at", required=True)
    version = f.Whole(
        "Grows with every change; in quotes If-Match takes it too",
        3,
        most=f.LARGEST_WHOLE,
        attribute="lead.version",
        required=True,
    )


class LeadQuery(f.Paging):
    """Filters by field."""

    company = f.Key("Leads of this company")
    segment = f.Code("On this chain segment or below it", "FND")
    channel = f.Code("From this source channel", "resident")
    owner = f.Key("Of this owner")
    team = f.Code("Of this team", "beijing")
    district = f.Code("For this district", "nanhu")
    park = f.Code("For this park", "nanhu")
    stage = f.Choice(Stage, "In this stage", "engaged")
    status = f.Choice(Status, "Of this status; without it all three", "active")
    project = f.Text(
        validate=f.Length(MAX_PROJECT), metadata=f.about("Of this name", f.EXAMPLES["project"])
    )
    expected_signing_on = f.Day("Expected to be signed on this day", "2027-03-01")
    expected_landing_on = f.Day("Expected to land on this day", "2027-09-01")
    signed_on = f.Day("Signed on this day", "2026-11-12")
    registered_on = f.Day("Registered on this day", "2026-11-20")
    landed_on = f.Day("Landed on this day", "2026-11-27")
    next_step_on = f.Day("With a next step for this day", "2026-12-04")
    list = f.Code("Whose company stands on this target list", "china-software-100")
    overdue = f.FlagArgument("Only those whose next step is overdue, when true")
    stalled = f.FlagArgument("Only stalled ones, when true")
    q = f.Text(
        validate=f.Length(100),
        metadata=f.about("Words, pinyin or initials of company or project", f.EXAMPLES["words"]),
    )


class _Facts(f.Body):
    """What may be said of a lead."""

    project = f.Text(
        validate=f.Length(MAX_PROJECT),
        metadata=f.about("Name of the project", f.EXAMPLES["project"]),
    )
    district = f.Code("Code of the target district", "nanhu", allow_none=True)
    park = f.Code("Code of the target park, which sets the district", "nanhu", allow_none=True)
    need = f.Text(
        validate=f.Length(MAX_NEED),
        allow_none=True,
        metadata=f.about("What the company wants, in a sentence", _NEED),
    )
    planned_investment_cny = f.money("Planned investment", allow_none=True)
    planned_revenue_cny = f.money("Software revenue in year three", 240_000_000, allow_none=True)
    planned_headcount = f.Whole(
        "People in year three", 160, least=1, most=MAX_HEADCOUNT, allow_none=True
    )
    space_m2 = f.Whole("Space asked for, m²", 3000, least=1, most=MAX_SPACE_M2, allow_none=True)
    expected_signing_on = f.Day("Expected signing", "2027-03-01", allow_none=True)
    expected_landing_on = f.Day("Expected landing", "2027-09-01", allow_none=True)
    next_step = f.Text(
        validate=f.Length(MAX_STEP), metadata=f.about("What is to be done next", _STEP)
    )
    next_step_on = f.Day("When; goes with `next_step`")


class NewLeadSchema(_Facts):
    """A lead to be registered. Owner and team default to the caller and the caller's team."""

    company = f.Key("Id of the company", required=True)
    segment = f.Code(_SEGMENT, "FND-DB", required=True)
    channel = f.Code("Code of the source channel, see `/codes`", "resident", required=True)
    owner = f.Key("Id of the owner")
    team = f.Code("Code of the team", "beijing")


class LeadChangesSchema(_Facts):
    """What is to change; what is left out stays as it is."""

    segment = f.Code(_SEGMENT, "FND-DB")
    channel = f.Code("Code of the source channel, see `/codes`", "resident")
    owner = f.Key("Id of the new owner (team leads and managers hand over)")
    team = f.Code("Code of the new team", "beijing")
    liaison = f.Key("Id of the liaison leader", allow_none=True)
    signed_on = f.Day("Signed; today or earlier", "2026-11-20", allow_none=True)
    signed_investment_cny = f.money("Signed investment", allow_none=True)
    local_company = f.Text(
        validate=f.Length(NAME_LENGTH, 1),
        metadata=f.about(
            "The local company: its id, or the name on its licence; one that nobody knows is made",
            f.EXAMPLES["local_company"],
        ),
    )
    local_company_is = f.Text(
        validate=f.Length(PUBLIC_ID_LENGTH),
        metadata=f.about(
            "Which of the companies that look alike it is: an id, or `new` for none of them", NEW
        ),
    )
    credit_code = f.Text(
        validate=f.Length(18, 1),
        metadata=f.about(
            "Its unified social credit code; its check digit must hold", f.CREDIT_CODE
        ),
    )
    share_bp = f.Whole(
        "What the investor holds of it, in hundredths of a per cent", 10_000, most=FULL_SHARE_BP
    )
    registered_capital_cny = f.money("Its registered capital", 50_000_000)
    funds_in_place_cny = f.money("What has been paid in of it", 20_000_000)
    registered_on = f.Day("Registered; today or earlier", "2026-11-22")
    registered_before_signing = f.Flag(
        "That it was registered before the agreement was signed is no mistake"
    )
    employees = f.Whole("How many people work here first", 12, least=1, most=MAX_HEADCOUNT)
    employees_on = f.Day("On which day; that of landing where it is left out", "2026-11-24")
    employees_source = f.Text(
        validate=f.Among(EMPLOYEE_SOURCES), metadata=f.about("Who says so", EMPLOYEE_SOURCES[0])
    )
    landed_on = f.Day("Landed; today or earlier", "2026-11-24")


class StageChangeSchema(f.Record):
    """A move of a lead, written once and never edited."""

    seq = f.Whole("Number within the lead", 2, most=f.LARGEST_WHOLE, required=True)
    from_stage = f.Choice(
        Stage, "Stage before; null when registered", "identified", allow_none=True
    )
    to_stage = f.Choice(Stage, "Stage after", "engaged", required=True)
    from_status = f.Choice(Status, "Status before", "active", allow_none=True)
    to_status = f.Choice(Status, "Status after", "active", required=True)
    reason = f.Text(allow_none=True, metadata=f.about("Why", None))
    actor = f.Key(
        "Id of who moved it", attribute="actor.public_id", dump_default=None, allow_none=True
    )
    occurred_at = f.Moment("When it happened", required=True)
    recorded_at = f.Moment("When it was written down", required=True)


class MoveSchema(StageChangeSchema):
    """A move that was just made, and the lead's version after it."""

    version = f.Whole("The lead's version now", 4, most=f.LARGEST_WHOLE, required=True)


class NewStageChangeSchema(f.Body):
    """A move: another stage, another status, or both. What is left out stays as it is."""

    to_stage = f.Choice(
        Stage, "Forward past any number of stages when every gate is met, or backward", "engaged"
    )
    to_status = f.Choice(Status, "active, on_hold or lost", "active")
    hold_until = f.Day("For on_hold: the day on which it wakes up", "2027-01-15")
    reason = f.Text(
        validate=f.Length(MAX_REASON),
        metadata=f.about("Needed to go back, to hold, to lose, and to take up again", None),
    )
    version = f.Whole(
        "The version that was read; a move since then is a conflict (409)",
        3,
        least=0,
        most=f.LARGEST_WHOLE,
    )
