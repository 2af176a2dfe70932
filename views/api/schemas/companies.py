"""Companies and the people there."""

from __future__ import annotations

from marshmallow import fields

from crm.companies.contacts import LONGEST
from models.company import NAME_LENGTH, SHORT_NAME_LENGTH
from models.enums import CompanyKind, Stage
from views.api.fields import (
    CREDIT_CODE,
    EXAMPLES,
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
    Several,
    Text,
    Whole,
    WholeArgument,
    about,
)

_NAME = EXAMPLES["company"]
_SEGMENTS = "Codes of the chain segments it does, see `/chain-map`"


class HolderSchema(Record):
    """Who holds a company: what everybody may know of an open lead."""

    team = Code("Code of the team", "beijing", attribute="team_code", required=True)
    owner = Key("Id of the owner", attribute="owner_id", required=True)
    stage = Choice(Stage, "Stage of the lead", "engaged", required=True)
    protected_until = Day("Protected until", "2027-01-20", required=True)


class CompanySchema(Record):
    """A company, whatever its names."""

    id = Key("Id", attribute="company.public_id", required=True)
    name = Text(attribute="company.name", required=True, metadata=about("Registered name", _NAME))
    short_name = Text(
        attribute="company.short_name",
        required=True,
        metadata=about("Short name", EXAMPLES["short_name"]),
    )
    kind = Choice(
        CompanyKind, "What the record stands for", "legal", attribute="company.kind", required=True
    )
    credit_code = Text(
        attribute="company.credit_code",
        allow_none=True,
        metadata=about("Unified social credit code", CREDIT_CODE),
    )
    place = Code(
        "Code of the city of its head office, see `/codes`",
        "hangzhou",
        attribute="company.place.code",
        dump_default=None,
        allow_none=True,
    )
    segments = Several(Text(), _SEGMENTS, ["FND-DB"], required=True)
    rewarded = Flag("Whether the policy rewards bringing it", attribute="company.rewarded")
    cadence_days = Whole(
        "How often it is looked after, in days", 30, most=3660, attribute="company.cadence_days"
    )
    last_touch_at = Moment("Last touch", attribute="company.last_touch_at", allow_none=True)
    holder = fields.Nested(
        HolderSchema,
        allow_none=True,
        metadata={"description": "Who holds it; null when nobody does"},
    )
    merged_into = Key("Id of the company it was merged into", allow_none=True)
    created_at = Moment("Written down", attribute="company.created_at", required=True)


class CompanyQuery(Paging):
    """Filters by field."""

    q = Text(
        validate=Length(100),
        metadata=about("Characters, pinyin, initials or credit code", EXAMPLES["begins"]),
    )
    list = Code("On this target list", "china-software-100")
    year = WholeArgument("In this year; goes with `list`", 2018, least=1990, most=2100)
    segment = Code("Doing this chain segment or one below it", "FND")
    place = Code("With its head office in this city", "hangzhou")
    listed = FlagArgument("Only those on a list that the city wants, when true")


class _CompanyFacts(Body):
    short_name = Text(
        validate=Length(SHORT_NAME_LENGTH),
        metadata=about(
            "Short name; made from the name where it is left out", EXAMPLES["short_name"]
        ),
    )
    credit_code = Text(
        validate=Length(18),
        allow_none=True,
        metadata=about("Unified social credit code; its check digit must hold", CREDIT_CODE),
    )
    place = Code("Code of the city, see `/codes`", "hangzhou", allow_none=True)
    segments = Several(
        Code("Code of a chain segment", "FND-DB"),
        _SEGMENTS,
        ["FND-DB"],
        validate=Length(50),
    )


class NewCompanySchema(_CompanyFacts):
    """A company that nobody has written down yet."""

    name = Text(
        required=True, validate=Length(NAME_LENGTH, 1), metadata=about("Registered name", _NAME)
    )


class CompanyChangesSchema(_CompanyFacts):
    """What is to change; what is left out stays as it is. An old name is still found."""

    name = Text(validate=Length(NAME_LENGTH, 1), metadata=about("Registered name", _NAME))


class ContactSchema(Record):
    """A person at a company. Numbers are null for who may not see them."""

    id = Key("Id", attribute="contact.public_id", required=True)
    company = Key("Id of the company", attribute="company.public_id", required=True)
    name = Text(
        attribute="contact.name", required=True, metadata=about("Name", EXAMPLES["contact"])
    )
    title = Text(required=True, metadata=about("Post", EXAMPLES["title"]))
    decides = Flag("Whether this person has the last word", required=True)
    numbers_visible = Flag("Whether the caller may see the numbers", required=True)
    phone = Text(attribute="contact.phone", allow_none=True, metadata=about("Phone", "13800000000"))
    email = Text(
        attribute="contact.email", allow_none=True, metadata=about("Mail", "zhou@company.example")
    )
    wechat = Text(attribute="contact.wechat", allow_none=True, metadata=about("WeChat", "zhouqm"))


class ContactQuery(Paging):
    """Whose people."""

    company = Key("Id of the company", required=True)


class _ContactFacts(Body):
    title = Text(validate=Length(LONGEST["title"]), metadata=about("Post", EXAMPLES["title"]))
    decides = Flag("Whether this person has the last word")
    phone = Text(
        validate=Length(LONGEST["phone"]), allow_none=True, metadata=about("Phone", "13800000000")
    )
    email = Text(
        validate=Length(LONGEST["email"]),
        allow_none=True,
        metadata=about("Mail", "zhou@company.example"),
    )
    wechat = Text(
        validate=Length(LONGEST["wechat"]), allow_none=True, metadata=about("WeChat", "zhouqm")
    )


class NewContactSchema(_ContactFacts):
    """A person to be written down."""

    company = Key("Id of the company", required=True)
    name = Text(
        required=True,
        validate=Length(LONGEST["name"], 1),
        metadata=about("Name", EXAMPLES["contact"]),
    )


class ContactChangesSchema(_ContactFacts):
    """What is to change; what is left out stays as it is."""

    name = Text(validate=Length(LONGEST["name"], 1), metadata=about("Name", EXAMPLES["contact"]))
