"""Reports: the overview's figures, the pipeline of a moment, the ledgers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from crm.exports import Kind
from crm.leads.inputs import MAX_PROJECT
from crm.reports.landing_goals.rules import MOST
from crm.reports.ledger import Ledger
from crm.reports.ledger_fields import ADDED, COLUMNS, Field
from crm.spans import Period
from models.enums import Stage, Status
from views.api import fields as f

_SUMS = "`planned`: planned investment, `signed`: agreed investment, `known`: a company's figure"


class FigureSchema(f.Record):
    """A number of the overview, and the page that lists exactly what it counts."""

    name = f.Text(required=True, metadata=f.about("Name", "leads-beijing-negotiating"))
    value = f.Whole("How many records", 12, most=f.LARGEST_WHOLE, required=True)
    sum = fields.Integer(
        allow_none=True,
        required=True,
        metadata=f.about("What they come to; null where the figure says no sum", 840_000_000),
    )
    sum_of = f.Text(
        allow_none=True, required=True, metadata=f.about(f"What it sums. {_SUMS}", "planned")
    )
    opens = f.Text(
        required=True,
        metadata=f.about("The page with its records", "/leads?stage=negotiating&team=beijing"),
    )


class OverviewSchema(f.Record):
    """The figures of the overview, of one period, as known at one moment."""

    period = f.Choice(Period, "The period of the results", "quarter", required=True)
    first = f.Day("Its first day", "2026-10-01", required=True)
    last = f.Day("Its last day", "2026-12-31", required=True)
    known_at = f.Moment("As known at", required=True)
    figures = fields.List(
        fields.Nested(FigureSchema), required=True, metadata={"description": "The figures"}
    )


class OverviewQuery(f.Body):
    """Which period."""

    period = f.Choice(Period, "Period of what was signed and landed; this quarter else", "year")


class PipelineTotalSchema(f.Record):
    """Leads of a team in a stage and status."""

    team = f.Code("Code of the team", "beijing", required=True)
    stage = f.Choice(Stage, "Stage", "engaged", required=True)
    status = f.Choice(Status, "Status", "active", required=True)
    n = f.Whole("How many leads", 12, most=f.LARGEST_WHOLE, required=True)
    planned_investment_cny = fields.Integer(
        required=True, metadata=f.about("Their planned investment, in whole CNY", 840_000_000)
    )
    signed_investment_cny = fields.Integer(
        required=True, metadata=f.about("Their agreed investment, in whole CNY", 0)
    )


class LandingGoalSchema(f.Record):
    """How many projects are to land in a year in the whole city."""

    year = f.Whole("The year", 2026, most=f.LARGEST_WHOLE, required=True)
    landings = f.Whole("How many are to land in it", 12, most=f.LARGEST_WHOLE, required=True)
    set_at = f.Moment("When it was set last", required=True)


class YearGoalSchema(LandingGoalSchema):
    """The goal of landings of one year, and that it has none."""

    landings = f.Whole(
        "How many are to land in it; null: it has no goal",
        12,
        most=f.LARGEST_WHOLE,
        allow_none=True,
        required=True,
    )
    set_at = f.Moment(
        "When it was set or cleared last; null: never", allow_none=True, required=True
    )


class LandingGoalChangesSchema(f.Body):
    """How many projects are to land in the year."""

    landings = f.Whole("How many are to land in it", 12, least=1, most=MOST, required=True)


def _point(description: str, example: int) -> fields.Integer:
    """A point of a range."""
    return f.Whole(description, example, most=f.LARGEST_WHOLE, allow_none=True, required=True)


class RangeSchema(f.Record):
    """How many land: null where too little was observed to say it."""

    at_least_90 = _point("At least so many nine times in ten", 1)
    likely = _point("More as often as fewer", 2)
    at_least_10 = _point("At least so many once in ten times", 4)


class QuarterAheadSchema(RangeSchema):
    """A quarter; this one as far as it is left."""

    first = f.Day("From this day on", "2026-12-03", required=True)
    last = f.Day("To this day", "2026-12-31", required=True)


class YearAheadSchema(RangeSchema):
    """A year, with what has landed in it."""

    year = f.Whole("The year", 2026, most=f.LARGEST_WHOLE, required=True)
    goal = _point("How many are to land; null for no goal, and for who sees a part only", 12)


class ObservedSchema(f.Record):
    """What became of the leads of past quarters, of the whole city."""

    quarters_ahead = f.Whole("Quarters from then to the landing", 0, most=7, required=True)
    standing = f.Whole(
        "Leads that stood there at the starts of quarters, each start counted",
        120,
        most=f.LARGEST_WHOLE,
        required=True,
    )
    landed = f.Whole("Those that landed then", 9, most=f.LARGEST_WHOLE, required=True)
    of_stages = fields.List(
        f.Choice(Stage, "Stage", "engaged"),
        required=True,
        metadata={
            "description": "Where they stood: more than the stage itself where it was too few"
        },
    )
    enough = f.Flag("Whether that is enough to say something", example=True)


class StageAheadSchema(f.Record):
    """A stage: who stands there now, and what became of who did."""

    stage = f.Choice(Stage, "Stage", "negotiating", required=True)
    standing = f.Whole("Leads that stand there now", 52, most=f.LARGEST_WHOLE, required=True)
    observed = fields.List(
        fields.Nested(ObservedSchema),
        required=True,
        metadata={"description": "By quarters ahead"},
    )


class PastQuarterSchema(RangeSchema):
    """A complete quarter: what would have been said of it when it began, and what landed in it."""

    first = f.Day("Its first day", "2026-07-01", required=True)
    last = f.Day("Its last day", "2026-09-30", required=True)
    standing = _point("Leads on their way when it began; null: not computed yet", 48)
    landed = f.Whole(
        "Those registered before it that landed in it", 3, most=f.LARGEST_WHOLE, required=True
    )
    registered_later = f.Whole(
        "Those registered in it that landed in it", 0, most=f.LARGEST_WHOLE, required=True
    )
    within = f.Flag(
        "Whether `landed` lies within the range; null without one",
        allow_none=True,
        required=True,
    )


class LandingForecastSchema(f.Record):
    """What will land of the leads that the caller may see."""

    today = f.Day("As of this day", "2026-12-03", required=True)
    as_of = f.Day(
        "The day on which past quarters were looked at; null: never yet",
        "2026-12-03",
        allow_none=True,
        required=True,
    )
    landed_this_year = f.Whole("Landed this year", 9, most=f.LARGEST_WHOLE, required=True)
    quarters = fields.List(
        fields.Nested(QuarterAheadSchema),
        required=True,
        metadata={"description": "This quarter and the next four; their ends do not add up"},
    )
    years = fields.List(
        fields.Nested(YearAheadSchema),
        required=True,
        metadata={"description": "This year and the next"},
    )
    stages = fields.List(
        fields.Nested(StageAheadSchema),
        required=True,
        metadata={"description": "Where it comes from"},
    )
    hindsight = fields.List(
        fields.Nested(PastQuarterSchema),
        allow_none=True,
        required=True,
        metadata={
            "description": "The last four complete quarters, by what was known when each began; "
            "null for who sees a part of the city"
        },
    )


def _amount(description: str) -> fields.Integer:
    return fields.Integer(
        allow_none=True, metadata=f.about(f"{description}, in whole CNY", 120_000_000)
    )


class PipelineLeadSchema(f.Record):
    """A lead as it stood, with the names of that time."""

    id = f.Key("Id")
    company = f.Key("Id of the company")
    company_name = f.Text(metadata=f.about("What the company was called", f.EXAMPLES["company"]))
    project = f.Text(
        validate=f.Length(MAX_PROJECT), metadata=f.about("The project", f.EXAMPLES["project"])
    )
    segment = f.Code("Code of the chain segment", "FND-DB")
    channel = f.Code("Code of the source channel", "resident")
    owner = f.Key("Id of the owner")
    owner_name = f.Text(metadata=f.about("What the owner was called", f.EXAMPLES["person"]))
    team = f.Code("Code of the team", "beijing")
    district = f.Code("Code of the target district", "nanhu", allow_none=True)
    park = f.Code("Code of the target park", "nanhu", allow_none=True)
    stage = f.Choice(Stage, "Stage", "engaged")
    status = f.Choice(Status, "Status", "active")
    days_in_stage = f.Whole("Days in the stage", 12, most=f.LARGEST_WHOLE)
    stalled = f.Flag("Whether it was stalled", example=False)
    stage_since = f.Day("In the stage since")
    hold_until = f.Day("On hold until", allow_none=True)
    planned_investment_cny = _amount("Planned investment")
    planned_revenue_cny = _amount("Software revenue in year three")
    planned_headcount = f.Whole("People in year three", 160, most=f.LARGEST_WHOLE, allow_none=True)
    signed_investment_cny = _amount("Signed investment")
    expected_signing_on = f.Day("Expected signing", allow_none=True)
    expected_landing_on = f.Day("Expected landing", allow_none=True)
    signed_on = f.Day("Signed", allow_none=True)
    registered_on = f.Day("Registered", allow_none=True)
    landed_on = f.Day("Landed", allow_none=True)
    next_step_on = f.Day("The next step was due", allow_none=True)


class PipelineSchema(f.Record):
    """The whole pipeline of a moment; the same two moments answer the same for ever."""

    known_at = f.Moment("What was known then", required=True)
    effective_at = f.Moment("What had happened by then", required=True)
    totals = fields.List(
        fields.Nested(PipelineTotalSchema),
        required=True,
        metadata={"description": "By team, stage and status"},
    )
    leads = fields.List(
        fields.Nested(PipelineLeadSchema), required=True, metadata={"description": "Every lead"}
    )


class PipelineQuery(f.Body):
    """Which moment."""

    known_at = f.Moment("What was known then; now where it is left out")
    effective_at = f.Moment("What had happened by then; whatever was known where it is left out")


def _of(field: Field) -> fields.Field[Any]:
    """A column of a ledger as JSON has it: numbers whole, days as dates, the rest in words."""
    said = f.about(f"The column “{field.title}”")
    if field.kind is Kind.DATE:
        return f.Day(said["description"], allow_none=True)
    if field.kind is Kind.TEXT:
        return f.Text(allow_none=True, metadata=said)
    return fields.Integer(allow_none=True, metadata=said)


_COLUMNS = {field.code: _of(field) for field in (*COLUMNS, *ADDED)}
LedgerRowSchema: type[ma.Schema] = type(
    "LedgerRowSchema",
    (f.Record,),
    {
        "__doc__": "A project of a ledger, column by column; what no record knows is null.",
        "lead": f.Key("Id of the lead", required=True),
        **_COLUMNS,
    },
)


class LedgerQuery(f.Paging):
    """Which ledger, and which of its projects."""

    kind = f.Choice(Ledger, "Which ledger: negotiating where it is left out", "signed")
    team = f.Code("Of this team", "beijing")
    owner = f.Key("Of this owner")
    segment = f.Code("On this chain segment or below it", "FND")
    list = f.Code("Whose company stands on this target list", "china-software-100")
    overdue = f.FlagArgument("Only those whose next step is overdue, when true")
    stalled = f.FlagArgument("Only stalled ones, when true")
