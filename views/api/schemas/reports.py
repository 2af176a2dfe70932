"""Reports: the overview's figures, the pipeline of a moment, the ledgers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from crm.exports import Kind
from crm.leads.inputs import MAX_PROJECT
from crm.reports.ledger import Ledger
from crm.reports.ledger_fields import ADDED, COLUMNS, Field
from crm.spans import Period
from models.enums import Stage, Status
from views.api.fields import (
    EXAMPLES,
    LARGEST_WHOLE,
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
)

_SUMS = "`planned`: planned investment, `signed`: agreed investment, `known`: a company's figure"


class FigureSchema(Record):
    """A number of the overview, and the page that lists exactly what it counts."""

    name = Text(required=True, metadata=about("Name", "leads-beijing-negotiating"))
    value = Whole("How many records", 12, most=LARGEST_WHOLE, required=True)
    sum = fields.Integer(
        allow_none=True,
        required=True,
        metadata=about("What they come to; null where the figure says no sum", 840_000_000),
    )
    sum_of = Text(
        allow_none=True, required=True, metadata=about(f"What it sums. {_SUMS}", "planned")
    )
    opens = Text(
        required=True,
        metadata=about("The page with its records", "/leads?stage=negotiating&team=beijing"),
    )


class OverviewSchema(Record):
    """The figures of the overview, of one period, as known at one moment."""

    period = Choice(Period, "The period of the results", "quarter", required=True)
    first = Day("Its first day", "2026-10-01", required=True)
    last = Day("Its last day", "2026-12-31", required=True)
    known_at = Moment("As known at", required=True)
    figures = fields.List(
        fields.Nested(FigureSchema), required=True, metadata={"description": "The figures"}
    )


class OverviewQuery(Body):
    """Which period."""

    period = Choice(Period, "Period of what was signed and landed; this quarter else", "year")


class PipelineTotalSchema(Record):
    """Leads of a team in a stage and status."""

    team = Code("Code of the team", "beijing", required=True)
    stage = Choice(Stage, "Stage", "engaged", required=True)
    status = Choice(Status, "Status", "active", required=True)
    n = Whole("How many leads", 12, most=LARGEST_WHOLE, required=True)
    planned_investment_cny = fields.Integer(
        required=True, metadata=about("Their planned investment, in whole CNY", 840_000_000)
    )
    signed_investment_cny = fields.Integer(
        required=True, metadata=about("Their agreed investment, in whole CNY", 0)
    )


def _amount(description: str) -> fields.Integer:
    return fields.Integer(
        allow_none=True, metadata=about(f"{description}, in whole CNY", 120_000_000)
    )


class PipelineLeadSchema(Record):
    """A lead as it stood, with the names of that time."""

    id = Key("Id")
    company = Key("Id of the company")
    company_name = Text(metadata=about("What the company was called", EXAMPLES["company"]))
    project = Text(validate=Length(MAX_PROJECT), metadata=about("The project", EXAMPLES["project"]))
    segment = Code("Code of the chain segment", "FND-DB")
    channel = Code("Code of the source channel", "resident")
    owner = Key("Id of the owner")
    owner_name = Text(metadata=about("What the owner was called", EXAMPLES["person"]))
    team = Code("Code of the team", "beijing")
    district = Code("Code of the target district", "nanhu", allow_none=True)
    park = Code("Code of the target park", "nanhu", allow_none=True)
    stage = Choice(Stage, "Stage", "engaged")
    status = Choice(Status, "Status", "active")
    days_in_stage = Whole("Days in the stage", 12, most=LARGEST_WHOLE)
    stalled = Flag("Whether it was stalled", example=False)
    stage_since = Day("In the stage since")
    hold_until = Day("On hold until", allow_none=True)
    planned_investment_cny = _amount("Planned investment")
    planned_revenue_cny = _amount("Software revenue in year three")
    planned_headcount = Whole("People in year three", 160, most=LARGEST_WHOLE, allow_none=True)
    signed_investment_cny = _amount("Signed investment")
    expected_signing_on = Day("Expected signing", allow_none=True)
    expected_landing_on = Day("Expected landing", allow_none=True)
    signed_on = Day("Signed", allow_none=True)
    registered_on = Day("Registered", allow_none=True)
    landed_on = Day("Landed", allow_none=True)
    next_step_on = Day("The next step was due", allow_none=True)


class PipelineSchema(Record):
    """The whole pipeline of a moment; the same two moments answer the same for ever."""

    known_at = Moment("What was known then", required=True)
    effective_at = Moment("What had happened by then", required=True)
    totals = fields.List(
        fields.Nested(PipelineTotalSchema),
        required=True,
        metadata={"description": "By team, stage and status"},
    )
    leads = fields.List(
        fields.Nested(PipelineLeadSchema), required=True, metadata={"description": "Every lead"}
    )


class PipelineQuery(Body):
    """Which moment."""

    known_at = Moment("What was known then; now where it is left out")
    effective_at = Moment("What had happened by then; whatever was known where it is left out")


def _of(field: Field) -> fields.Field[Any]:
    """A column of a ledger as JSON has it: numbers whole, days as dates, the rest in words."""
    said = about(f"The column “{field.title}”")
    if field.kind is Kind.DATE:
        return Day(said["description"], allow_none=True)
    if field.kind is Kind.TEXT:
        return Text(allow_none=True, metadata=said)
    return fields.Integer(allow_none=True, metadata=said)


_COLUMNS = {field.code: _of(field) for field in (*COLUMNS, *ADDED)}
LedgerRowSchema: type[ma.Schema] = type(
    "LedgerRowSchema",
    (Record,),
    {
        "__doc__": "A project of a ledger, column by column; what no record knows is null.",
        "lead": Key("Id of the lead", required=True),
        **_COLUMNS,
    },
)


class LedgerQuery(Paging):
    """Which ledger, and which of its projects."""

    kind = Choice(Ledger, "Which ledger: negotiating where it is left out", "signed")
    team = Code("Of this team", "beijing")
    owner = Key("Of this owner")
    segment = Code("On this chain segment or below it", "FND")
    list = Code("Whose company stands on this target list", "china-software-100")
    overdue = FlagArgument("Only those whose next step is overdue, when true")
    stalled = FlagArgument("Only stalled ones, when true")
