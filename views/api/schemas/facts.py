"""The facts of the city: lists, chain map, goals, codes; and who asks."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from crm.chain.judging import LONGEST as JUDGEMENT_LENGTH
from crm.targets.assigning import MOST
from crm.targets.states import EntryState
from models.company import NAME_LENGTH
from models.enums import ApiScope, MatchState, Role
from models.segment import Gap, Position
from views.api import fields as f
from views.api.schemas.companies import HolderSchema

_STATES = [state.code for state in EntryState]
_STATE = "How far it got: " + ", ".join(_STATES)


def _count(description: str, example: int, **more: Any) -> f.Whole:
    return f.Whole(description, example, most=f.LARGEST_WHOLE, required=True, **more)


class _Named(f.Record):
    code = f.Code("Code", "china-software-100", required=True)
    zh = f.Text(required=True, metadata=f.about("Chinese name", f.EXAMPLES["list_zh"]))
    en = f.Text(required=True, metadata=f.about("English name", "China Software 100"))


class StatesSchema(f.Record):
    """Entries by how far they got; each stands in one state."""

    untouched = _count("Nobody has done anything", 61)
    assigned = _count("Somebody has a lead, or a team was given it", 12)
    touched = _count("Touched in the last 90 days", 9)
    engaged = _count("A lead is engaged", 11)
    negotiating = _count("Negotiating or further", 6)
    landed = _count("Landed", 1)


class EditionSchema(f.Record):
    """A list in one year, and how it stands."""

    list = f.Code("Code of the list", "china-software-100", required=True)
    year = f.Whole("Year", 2018, least=1990, most=2100, required=True)
    entries = _count("Entries", 100)
    undecided = _count("Entries that nobody has said which company they are", 3)
    covered = _count("Entries whose company was touched in the last 90 days", 28)
    coverage_percent = f.Whole(
        "Covered of all, in per cent, rounded down", 28, most=100, required=True
    )
    states = fields.Nested(
        StatesSchema, required=True, metadata={"description": "Entries by state"}
    )


class TargetListSchema(_Named):
    """A list of companies worth having."""

    short_zh = f.Text(
        required=True, metadata=f.about("Short Chinese name", f.EXAMPLES["list_short"])
    )
    short_en = f.Text(required=True, metadata=f.about("Short English name", "Software 100"))
    wanted = f.Flag("Whether its companies are targets", required=True)
    rewarded = f.Flag("Whether the policy rewards bringing them", required=True)
    cadence_days = f.Whole("How often they are looked after, in days", 30, most=3660, required=True)
    clause = f.Text(allow_none=True, metadata=f.about("Clause of the policy", None))
    editions = fields.List(
        fields.Nested(EditionSchema),
        required=True,
        metadata={"description": "Its years, the latest first"},
    )


class EntrySchema(f.Record):
    """A row of an edition."""

    key = f.Text(
        attribute="entry.row_key",
        required=True,
        metadata=f.about("What names the row within the edition", f.EXAMPLES["short_name"]),
    )
    name = f.Text(
        attribute="entry.name",
        required=True,
        metadata=f.about("Name as published", f.EXAMPLES["company"]),
    )
    rank = f.Whole(
        "Rank as published", 17, most=f.LARGEST_WHOLE, attribute="entry.rank", allow_none=True
    )
    match_state = f.Choice(
        MatchState,
        "Which company it was found to be",
        "matched",
        attribute="entry.match_state",
        required=True,
    )
    company = f.Key(
        "Id of the company",
        attribute="entry.company.public_id",
        dump_default=None,
        allow_none=True,
    )
    state = f.Text(
        attribute="state.code",
        required=True,
        validate=f.Among(_STATES),
        metadata=f.about(_STATE, "engaged"),
    )
    covered = f.Flag("Whether its company was touched in the last 90 days", required=True)
    last_touch_at = f.Moment(
        "Last touch",
        attribute="entry.company.last_touch_at",
        dump_default=None,
        allow_none=True,
    )
    team = f.Code(
        "Code of the team that it was given to; null when to none",
        "beijing",
        attribute="entry.team.code",
        dump_default=None,
        allow_none=True,
    )
    holder = fields.Nested(
        HolderSchema,
        allow_none=True,
        metadata={"description": "Who holds the company; null when nobody does"},
    )


class NewAssignmentSchema(f.Body):
    """Which entries of an edition go to which team."""

    keys = f.Several(
        f.Text(validate=f.Length(NAME_LENGTH + 8), metadata=f.about("Key of an entry")),
        "Keys of the entries",
        [f.EXAMPLES["short_name"]],
        validate=f.Length(MOST, 1),
        required=True,
    )
    team = f.Code(
        "Code of the team; null: none; left out: the team of each company's place",
        "beijing",
        allow_none=True,
    )


class AssignmentSchema(f.Record):
    """What an assignment did."""

    changed = _count("Entries that have another team now", 12)
    followed = _count("Entries left alone because a lead follows their company", 3)
    nowhere = _count("Entries left alone because no team sits in their place", 1)


class EntryQuery(f.Paging):
    """Filters by field."""

    state = f.Text(validate=f.Among(_STATES), metadata=f.about(_STATE, "untouched"))
    covered = f.FlagArgument("Only covered ones, when true")
    undecided = f.FlagArgument("Only undecided ones (true) or decided ones (false)")
    q = f.Text(validate=f.Length(100), metadata=f.about("Part of a name", f.EXAMPLES["part"]))


class CountsSchema(f.Record):
    """What stands on a segment and below it, each counted once."""

    companies = _count("Companies", 42)
    targets = _count("Targets among them", 9)
    leads = _count("Leads in talks, not signed yet, of those that the caller may read", 5)
    signed = _count("Leads that are signed and have not landed, of these", 2)
    landed = _count("Leads that landed, of these", 1)


class JudgementSchema(f.Record):
    """What a manager judged of a segment's gap, above what its projects say."""

    id = f.Key("Id", attribute="public_id", required=True)
    gap = f.Choice(Gap, "What was judged", "weak", required=True)
    computed_gap = f.Choice(
        Gap, "What the projects said then", "missing", attribute="computed", required=True
    )
    reason = f.Text(required=True, metadata=f.about("Why", f.EXAMPLES["judgement_reason"]))
    said_by = f.Text(
        attribute="said_by.name",
        required=True,
        metadata=f.about("Who judged so", f.EXAMPLES["person"]),
    )
    said_at = f.Moment("When it was judged", required=True)
    withdrawn_at = f.Moment("When it was withdrawn; null while it stands", allow_none=True)


class NewJudgementSchema(f.Body):
    """A judgement to make."""

    gap = f.Choice(Gap, "What the segment lacks", "weak", required=True)
    reason = f.Text(
        validate=f.Length(JUDGEMENT_LENGTH, 1),
        required=True,
        metadata=f.about("Why, for colleagues to read", f.EXAMPLES["judgement_reason"]),
    )
    replaces = f.Key(
        "Id of the judgement that stands, null for none; another that stands is a conflict (409)",
        load_default=None,
        allow_none=True,
    )


class _SegmentFacts(_Named):
    code = f.Code("Code", "FND", required=True)
    zh = f.Text(required=True, metadata=f.about("Chinese name", f.EXAMPLES["segment_zh"]))
    en = f.Text(required=True, metadata=f.about("English name", "Foundational software"))
    position = f.Choice(Position, "Where in the chain it stands", "upstream", required=True)
    clause = f.Text(allow_none=True, metadata=f.about("Clause of the policy", None))
    gap = f.Choice(
        Gap, "What it lacks: as a manager judged, else as computed", "missing", required=True
    )
    computed_gap = f.Choice(
        Gap, "What the whole city's projects on it and below say", "missing", required=True
    )
    judgement = fields.Nested(
        JudgementSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What a manager judged otherwise, while it stands"},
    )
    counts = fields.Nested(
        CountsSchema, required=True, metadata={"description": "What stands on it and below"}
    )


class SegmentSchema(_SegmentFacts):
    """A link of the industry chain, with those below it."""

    children = fields.List(
        fields.Nested(lambda: SegmentSchema()),  # noqa: PLW0108 (the class is not there yet)
        required=True,
        metadata={"description": "The segments below it", "example": []},
    )


class NeighbourSchema(f.Record):
    """A segment that supplies or buys."""

    code = f.Code("Code", "FND-OS", attribute="segment.code", required=True)
    by_policy = f.Flag("Whether the policy says so; else it is judged so", required=True)
    clause = f.Text(allow_none=True, metadata=f.about("Clause of the policy", None))


class SegmentPanelSchema(_SegmentFacts):
    """A segment and its place in the chain."""

    above = f.Several(f.Text(), "Codes of the segments it belongs to", [], required=True)
    below = f.Several(
        f.Text(), "Codes of the segments that belong to it", ["FND-DB"], required=True
    )
    parks = f.Several(f.Text(), "Codes of the parks with this focus", ["nanhu"], required=True)
    suppliers = fields.List(
        fields.Nested(NeighbourSchema), required=True, metadata={"description": "Who supplies it"}
    )
    customers = fields.List(
        fields.Nested(NeighbourSchema), required=True, metadata={"description": "Whom it supplies"}
    )


class GoalSchema(f.Record):
    """A goal of the policy, for the city or one of its parts."""

    code = f.Text(required=True, metadata=f.about("Code", "city-revenue-2025"))
    scope = f.Text(required=True, metadata=f.about("Whose goal it is", "city"))
    zh = f.Text(required=True, metadata=f.about("In Chinese", f.EXAMPLES["goal"]))
    en = f.Text(required=True, metadata=f.about("In English", "Software revenue"))
    value = fields.Integer(allow_none=True, metadata=f.about("Value to reach", 100_000_000_000))
    unit = f.Text(
        allow_none=True, metadata=f.about("Unit; `bp` is hundredths of a per cent", "CNY")
    )
    due_on = f.Day("By when", "2025-12-31", allow_none=True)
    actual = fields.Integer(
        allow_none=True,
        metadata=f.about(
            "What the records know of it, in its unit; null where they know nothing, and for who"
            " sees only a part of it",
            1_290_000_000,
        ),
    )
    companies = f.Whole(
        "How many companies that is known of; null with `actual`",
        2,
        most=f.LARGEST_WHOLE,
        allow_none=True,
    )
    gap = fields.Integer(
        allow_none=True,
        metadata=f.about(
            "What is missing, 0 when it is reached; null while nothing is known", 98_710_000_000
        ),
    )
    known_by = f.Text(
        allow_none=True,
        metadata=f.about("Who knows what the records do not, in the reader's language", None),
    )
    clause = f.Text(allow_none=True, metadata=f.about("Clause of the policy", None))


class GoalQuery(f.ShortPaging):
    """Filters by field."""

    scope = f.Text(validate=f.Length(48), metadata=f.about("Whose goals", "city"))


class CodeSchema(f.Record):
    """A row of the city's data: what the API calls it, and what people call it."""

    code = f.Code("Code", "beijing", required=True)
    zh = f.Text(required=True, metadata=f.about("Chinese name", f.EXAMPLES["team"]))
    en = f.Text(required=True, metadata=f.about("English name", "Beijing team"))


class ParkCodeSchema(CodeSchema):
    """A park and its district."""

    district = f.Code("Code of its district", "nanhu", required=True)


class CodesSchema(f.Record):
    """All codes that leads and companies are described with, beside segments and lists."""

    teams = fields.List(
        fields.Nested(CodeSchema), required=True, metadata={"description": "Scouting teams"}
    )
    channels = fields.List(
        fields.Nested(CodeSchema), required=True, metadata={"description": "Source channels"}
    )
    districts = fields.List(
        fields.Nested(CodeSchema), required=True, metadata={"description": "Districts"}
    )
    parks = fields.List(
        fields.Nested(ParkCodeSchema), required=True, metadata={"description": "Parks"}
    )
    places = fields.List(
        fields.Nested(CodeSchema),
        required=True,
        metadata={"description": "Cities where companies have their head office"},
    )


class MeSchema(f.Record):
    """Whose token it is, and what it opens."""

    id = f.Key("Id of the person", required=True)
    name = f.Text(required=True, metadata=f.about("Name", f.EXAMPLES["person"]))
    role = f.Choice(Role, "Role", "scout", required=True)
    teams = f.Several(
        f.Text(), "Codes of the teams they belong to today", ["beijing"], required=True
    )
    scope = f.Choice(ApiScope, "What the token may do", "write", required=True)
    expires_at = f.Moment("When the token ends; null: never", allow_none=True)
