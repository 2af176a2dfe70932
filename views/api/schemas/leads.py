"""Leads and their moves."""

from __future__ import annotations

from crm.landing.local_company import NEW
from crm.landing.rules import FULL_SHARE_BP
from crm.landing.words import EMPLOYEE_SOURCES
from crm.leads.inputs import MAX_HEADCOUNT, MAX_NEED, MAX_PROJECT, MAX_SPACE_M2
from crm.leads.next_steps import LONGEST
from crm.leads.rules import MAX_REASON
from models.base import PUBLIC_ID_LENGTH
from models.company import NAME_LENGTH
from models.enums import Stage, Status
from views.api.fields import (
    CREDIT_CODE,
    EXAMPLES,
    LARGEST_WHOLE,
    Among,
    Body,
    Choice,
    Code,
    Day,
    Flag,
    FlagArgument,
    Key,
    Length,
    Moment,
    Paging,
    Record,
    Text,
    Whole,
    about,
    money,
)

_SEGMENT = "Code of a chain segment, see `/chain-map`"
_NEED = EXAMPLES["need"]
_STEP = EXAMPLES["next_step"]


class LeadSchema(Record):
    """A lead: one company's possible project here."""

    id = Key("Id", attribute="lead.public_id", required=True)
    company = Key("Id of the company", attribute="lead.company.public_id", required=True)
    segment = Code(_SEGMENT, "FND-DB", attribute="lead.segment.code", required=True)
    channel = Code(
        "Code of the source channel, see `/codes`",
        "resident",
        attribute="lead.channel.code",
        required=True,
    )
    project = Text(
        attribute="lead.project",
        required=True,
        metadata=about(
            "Name of the project; empty when the company has one only", EXAMPLES["project"]
        ),
    )
    owner = Key("Id of the owner", attribute="lead.owner.public_id", required=True)
    team = Code("Code of the team", "beijing", attribute="lead.team.code", required=True)
    liaison = Key(
        "Id of the liaison leader",
        attribute="lead.liaison.public_id",
        dump_default=None,
        allow_none=True,
    )
    district = Code(
        "Code of the target district",
        "nanhu",
        attribute="lead.district.code",
        dump_default=None,
        allow_none=True,
    )
    park = Code(
        "Code of the target park",
        "nanhu",
        attribute="lead.park.code",
        dump_default=None,
        allow_none=True,
    )
    stage = Choice(Stage, "Stage", "engaged", attribute="lead.stage", required=True)
    status = Choice(Status, "Status", "active", attribute="lead.status", required=True)
    hold_until = Day("On hold until", attribute="lead.hold_until", allow_none=True)
    planned_investment_cny = money(
        "Planned investment", attribute="lead.planned_investment_cny", allow_none=True
    )
    planned_revenue_cny = money(
        "Software revenue in year three",
        240_000_000,
        attribute="lead.planned_revenue_cny",
        allow_none=True,
    )
    planned_headcount = Whole(
        "People in year three",
        160,
        most=MAX_HEADCOUNT,
        attribute="lead.planned_headcount",
        allow_none=True,
    )
    space_m2 = Whole(
        "Space asked for, m²", 3000, most=MAX_SPACE_M2, attribute="lead.space_m2", allow_none=True
    )
    signed_investment_cny = money(
        "Signed investment", attribute="lead.signed_investment_cny", allow_none=True
    )
    expected_signing_on = Day(
        "Expected signing", "2027-03-01", attribute="lead.expected_signing_on", allow_none=True
    )
    expected_landing_on = Day(
        "Expected landing", "2027-09-01", attribute="lead.expected_landing_on", allow_none=True
    )
    signed_on = Day("Signed", attribute="lead.signed_on", allow_none=True)
    local_company = Key(
        "Id of the local company",
        attribute="local.company",
        dump_default=None,
        allow_none=True,
    )
    credit_code = Text(
        attribute="local.credit_code",
        dump_default=None,
        allow_none=True,
        metadata=about("Its unified social credit code", CREDIT_CODE),
    )
    registered_capital_cny = money(
        "Its registered capital",
        50_000_000,
        attribute="local.registered_capital_cny",
        dump_default=None,
        allow_none=True,
    )
    registered_on = Day("Registered", attribute="lead.registered_on", allow_none=True)
    employees = Whole(
        "Its employees, as reported last",
        12,
        most=LARGEST_WHOLE,
        attribute="local.employees",
        dump_default=None,
        allow_none=True,
    )
    landed_on = Day("Landed", attribute="lead.landed_on", allow_none=True)
    need = Text(
        attribute="lead.need",
        allow_none=True,
        metadata=about("What the company wants, in a sentence", _NEED),
    )
    last_touch_at = Moment("Last touch", attribute="lead.last_touch_at", allow_none=True)
    next_step = Text(allow_none=True, metadata=about("What is to be done next", _STEP))
    next_step_on = Day("When", attribute="lead.next_step_on", allow_none=True)
    stage_since = Day("In this stage since", attribute="lead.stage_since", required=True)
    stalls_on = Day(
        "First day on which it counts as stalled; null while it can not",
        attribute="lead.stalls_on",
        allow_none=True,
    )
    created_at = Moment("Registered here", attribute="lead.created_at", required=True)
    updated_at = Moment("Last change", attribute="lead.updated_at", required=True)
    version = Whole(
        "Grows with every change; in quotes If-Match takes it too",
        3,
        most=LARGEST_WHOLE,
        attribute="lead.version",
        required=True,
    )


class LeadQuery(Paging):
    """Filters by field."""

    company = Key("Leads of this company")
    segment = Code("On this chain segment or below it", "FND")
    channel = Code("From this source channel", "resident")
    owner = Key("Of this owner")
    team = Code("Of this team", "beijing")
    district = Code("For this district", "nanhu")
    park = Code("For this park", "nanhu")
    stage = Choice(Stage, "In this stage", "engaged")
    status = Choice(Status, "Of this status; without it all three", "active")
    list = Code("Whose company stands on this target list", "china-software-100")
    overdue = FlagArgument("Only those whose next step is overdue, when true")
    stalled = FlagArgument("Only stalled ones, when true")
    q = Text(
        validate=Length(100),
        metadata=about("Words, pinyin or initials of company or project", EXAMPLES["words"]),
    )


class _Facts(Body):
    """What may be said of a lead."""

    project = Text(
        validate=Length(MAX_PROJECT), metadata=about("Name of the project", EXAMPLES["project"])
    )
    district = Code("Code of the target district", "nanhu", allow_none=True)
    park = Code("Code of the target park, which sets the district", "nanhu", allow_none=True)
    need = Text(
        validate=Length(MAX_NEED),
        allow_none=True,
        metadata=about("What the company wants, in a sentence", _NEED),
    )
    planned_investment_cny = money("Planned investment", allow_none=True)
    planned_revenue_cny = money("Software revenue in year three", 240_000_000, allow_none=True)
    planned_headcount = Whole(
        "People in year three", 160, least=1, most=MAX_HEADCOUNT, allow_none=True
    )
    space_m2 = Whole("Space asked for, m²", 3000, least=1, most=MAX_SPACE_M2, allow_none=True)
    expected_signing_on = Day("Expected signing", "2027-03-01", allow_none=True)
    expected_landing_on = Day("Expected landing", "2027-09-01", allow_none=True)
    next_step = Text(validate=Length(LONGEST), metadata=about("What is to be done next", _STEP))
    next_step_on = Day("When; goes with `next_step`")


class NewLeadSchema(_Facts):
    """A lead to be registered. Owner and team default to the caller and the caller's team."""

    company = Key("Id of the company", required=True)
    segment = Code(_SEGMENT, "FND-DB", required=True)
    channel = Code("Code of the source channel, see `/codes`", "resident", required=True)
    owner = Key("Id of the owner")
    team = Code("Code of the team", "beijing")


class LeadChangesSchema(_Facts):
    """What is to change; what is left out stays as it is."""

    segment = Code(_SEGMENT, "FND-DB")
    channel = Code("Code of the source channel, see `/codes`", "resident")
    owner = Key("Id of the new owner (team leads and managers hand over)")
    team = Code("Code of the new team", "beijing")
    liaison = Key("Id of the liaison leader", allow_none=True)
    signed_on = Day("Signed; today or earlier", "2026-11-20", allow_none=True)
    signed_investment_cny = money("Signed investment", allow_none=True)
    local_company = Text(
        validate=Length(NAME_LENGTH, 1),
        metadata=about(
            "The local company: its id, or the name on its licence; one that nobody knows is made",
            EXAMPLES["local_company"],
        ),
    )
    local_company_is = Text(
        validate=Length(PUBLIC_ID_LENGTH),
        metadata=about(
            "Which of the companies that look alike it is: an id, or `new` for none of them", NEW
        ),
    )
    credit_code = Text(
        validate=Length(18, 1),
        metadata=about("Its unified social credit code; its check digit must hold", CREDIT_CODE),
    )
    share_bp = Whole(
        "What the investor holds of it, in hundredths of a per cent", 10_000, most=FULL_SHARE_BP
    )
    registered_capital_cny = money("Its registered capital", 50_000_000)
    registered_on = Day("Registered; today or earlier", "2026-11-22")
    registered_before_signing = Flag(
        "That it was registered before the agreement was signed is no mistake"
    )
    employees = Whole("How many people work here first", 12, least=1, most=MAX_HEADCOUNT)
    employees_on = Day("On which day; that of landing where it is left out", "2026-11-24")
    employees_source = Text(
        validate=Among(EMPLOYEE_SOURCES), metadata=about("Who says so", EMPLOYEE_SOURCES[0])
    )
    landed_on = Day("Landed; today or earlier", "2026-11-24")


class StageChangeSchema(Record):
    """A move of a lead, written once and never edited."""

    seq = Whole("Number within the lead", 2, most=LARGEST_WHOLE, required=True)
    from_stage = Choice(Stage, "Stage before; null when registered", "identified", allow_none=True)
    to_stage = Choice(Stage, "Stage after", "engaged", required=True)
    from_status = Choice(Status, "Status before", "active", allow_none=True)
    to_status = Choice(Status, "Status after", "active", required=True)
    reason = Text(allow_none=True, metadata=about("Why", None))
    actor = Key(
        "Id of who moved it", attribute="actor.public_id", dump_default=None, allow_none=True
    )
    occurred_at = Moment("When it happened", required=True)
    recorded_at = Moment("When it was written down", required=True)


class MoveSchema(StageChangeSchema):
    """A move that was just made, and the lead's version after it."""

    version = Whole("The lead's version now", 4, most=LARGEST_WHOLE, required=True)


class NewStageChangeSchema(Body):
    """A move: another stage, another status, or both. What is left out stays as it is."""

    to_stage = Choice(
        Stage, "Forward past any number of stages when every gate is met, or backward", "engaged"
    )
    to_status = Choice(Status, "active, on_hold or lost", "active")
    hold_until = Day("For on_hold: the day on which it wakes up", "2027-01-15")
    reason = Text(
        validate=Length(MAX_REASON),
        metadata=about("Needed to go back, to hold, to lose, and to take up again", None),
    )
    version = Whole(
        "The version that was read; a move since then is a conflict (409)",
        3,
        least=1,
        most=LARGEST_WHOLE,
    )
