"""Companies and the people there."""

from __future__ import annotations

import enum

from marshmallow import fields

from crm.companies.contacts import LONGEST
from models.company import NAME_LENGTH, SHORT_NAME_LENGTH, NameKind
from models.enums import CompanyKind, Stage
from views.api import fields as f

_NAME = f.EXAMPLES["company"]
_OTHER_NAMES = [{"kind": "english", "name": "iFlytek"}]
_SEGMENTS = "Codes of the chain segments it does, see `/chain-map`"


class HolderSchema(f.Record):
    """Who holds a company: what everybody may know of an open lead."""

    team = f.Code("Code of the team", "beijing", attribute="team_code", required=True)
    owner = f.Key("Id of the owner", attribute="owner_id", required=True)
    stage = f.Choice(Stage, "Stage of the lead", "engaged", required=True)
    protected_until = f.Day("Protected until", "2027-01-20", required=True)
    local_of = f.Key(
        "Id of the company that the lead is of, where this one is the local company it led to",
        attribute="local_of.investor_id",
        dump_default=None,
        allow_none=True,
    )


class OtherKind(enum.StrEnum):
    """What a name is that is neither the registered nor the short one."""

    ENGLISH = NameKind.ENGLISH.value
    BRAND = NameKind.BRAND.value
    FORMER = NameKind.FORMER.value


_KIND = "What the name is"


class OtherNameSchema(f.Record):
    """What else a company is called."""

    kind = f.Choice(OtherKind, _KIND, "english", required=True)
    name = f.Text(required=True, metadata=f.about("Name", "iFlytek"))


class NewOtherNameSchema(f.Body):
    """One more name."""

    kind = f.Choice(OtherKind, _KIND, "english", required=True)
    name = f.Text(
        required=True, validate=f.Length(NAME_LENGTH, 1), metadata=f.about("Name", "iFlytek")
    )


class CompanySchema(f.Record):
    """A company, whatever its names."""

    id = f.Key("Id", attribute="company.public_id", required=True)
    name = f.Text(
        attribute="company.name", required=True, metadata=f.about("Registered name", _NAME)
    )
    short_name = f.Text(
        attribute="company.short_name",
        required=True,
        metadata=f.about("Short name", f.EXAMPLES["short_name"]),
    )
    other_names = f.Several(
        fields.Nested(OtherNameSchema),
        "What else it is called; it is found by each of them",
        _OTHER_NAMES,
        required=True,
    )
    kind = f.Choice(
        CompanyKind, "What the record stands for", "legal", attribute="company.kind", required=True
    )
    credit_code = f.Text(
        attribute="company.credit_code",
        allow_none=True,
        metadata=f.about("Unified social credit code", f.CREDIT_CODE),
    )
    place = f.Code(
        "Code of the city of its head office, see `/codes`",
        "hangzhou",
        attribute="company.place.code",
        dump_default=None,
        allow_none=True,
    )
    segments = f.Several(f.Text(), _SEGMENTS, ["FND-DB"], required=True)
    rewarded = f.Flag("Whether the policy rewards bringing it", attribute="company.rewarded")
    cadence_days = f.Whole(
        "How often it is looked after, in days", 30, most=3660, attribute="company.cadence_days"
    )
    last_touch_at = f.Moment("Last touch", attribute="company.last_touch_at", allow_none=True)
    holder = fields.Nested(
        HolderSchema,
        allow_none=True,
        metadata={"description": "Who holds it; null when nobody does"},
    )
    merged_into = f.Key("Id of the company it was merged into", allow_none=True)
    created_at = f.Moment("Written down", attribute="company.created_at", required=True)


class CompanyQuery(f.Paging):
    """Filters by field."""

    q = f.Text(
        validate=f.Length(100),
        metadata=f.about("Characters, pinyin, initials or credit code", f.EXAMPLES["begins"]),
    )
    name = f.Text(
        validate=f.Length(NAME_LENGTH),
        metadata=f.about("Called this, in any spelling of it", f.EXAMPLES["company"]),
    )
    credit_code = f.Text(
        validate=f.Length(18), metadata=f.about("With this credit code", f.CREDIT_CODE)
    )
    kind = f.Choice(CompanyKind, "A legal person, a group or an institution", "legal")
    list = f.Code("On this target list", "china-software-100")
    year = f.WholeArgument("In this year; goes with `list`", 2018, least=1990, most=2100)
    segment = f.Code("Doing this chain segment or one below it", "FND")
    place = f.Code("With its head office in this city", "hangzhou")
    listed = f.FlagArgument("Only those on a list that the city wants, when true")


class _CompanyFacts(f.Body):
    short_name = f.Text(
        validate=f.Length(SHORT_NAME_LENGTH),
        metadata=f.about(
            "Short name; made from the name where it is left out", f.EXAMPLES["short_name"]
        ),
    )
    other_names = f.Several(
        f.Part(NewOtherNameSchema),
        "All that it is called besides; what is left out of the list goes",
        _OTHER_NAMES,
        validate=f.Length(20),
    )
    credit_code = f.Text(
        validate=f.Length(18),
        allow_none=True,
        metadata=f.about("Unified social credit code; its check digit must hold", f.CREDIT_CODE),
    )
    place = f.Code("Code of the city, see `/codes`", "hangzhou", allow_none=True)
    segments = f.Several(
        f.Code("Code of a chain segment", "FND-DB"),
        _SEGMENTS,
        ["FND-DB"],
        validate=f.Length(50),
    )


class NewCompanySchema(_CompanyFacts):
    """A company that nobody has written down yet."""

    name = f.Text(
        required=True, validate=f.Length(NAME_LENGTH, 1), metadata=f.about("Registered name", _NAME)
    )


class CompanyChangesSchema(_CompanyFacts):
    """What is to change; what is left out stays as it is. An old name is still found."""

    name = f.Text(validate=f.Length(NAME_LENGTH, 1), metadata=f.about("Registered name", _NAME))


class ContactSchema(f.Record):
    """A person at a company. Numbers are null for who may not see them."""

    id = f.Key("Id", attribute="contact.public_id", required=True)
    company = f.Key("Id of the company", attribute="company.public_id", required=True)
    name = f.Text(
        attribute="contact.name", required=True, metadata=f.about("Name", f.EXAMPLES["contact"])
    )
    title = f.Text(required=True, metadata=f.about("Post", f.EXAMPLES["title"]))
    decides = f.Flag("Whether this person has the last word", required=True)
    numbers_visible = f.Flag("Whether the caller may see the numbers", required=True)
    phone = f.Text(
        attribute="contact.phone", allow_none=True, metadata=f.about("Phone", "13800000000")
    )
    email = f.Text(
        attribute="contact.email", allow_none=True, metadata=f.about("Mail", "zhou@company.example")
    )
    wechat = f.Text(
        attribute="contact.wechat", allow_none=True, metadata=f.about("WeChat", "zhouqm")
    )


class ContactQuery(f.Paging):
    """Whose people."""

    company = f.Key("At this company; without it at all of them")


class _ContactFacts(f.Body):
    title = f.Text(
        validate=f.Length(LONGEST["title"]), metadata=f.about("Post", f.EXAMPLES["title"])
    )
    decides = f.Flag("Whether this person has the last word")
    phone = f.Text(
        validate=f.Length(LONGEST["phone"]),
        allow_none=True,
        metadata=f.about("Phone", "13800000000"),
    )
    email = f.Text(
        validate=f.Length(LONGEST["email"]),
        allow_none=True,
        metadata=f.about("Mail", "zhou@company.example"),
    )
    wechat = f.Text(
        validate=f.Length(LONGEST["wechat"]), allow_none=True, metadata=f.about("WeChat", "zhouqm")
    )


class NewContactSchema(_ContactFacts):
    """A person to be written down."""

    company = f.Key("Id of the company", required=True)
    name = f.Text(
        required=True,
        validate=f.Length(LONGEST["name"], 1),
        metadata=f.about("Name", f.EXAMPLES["contact"]),
    )


class ContactChangesSchema(_ContactFacts):
    """What is to change; what is left out stays as it is."""

    name = f.Text(
        validate=f.Length(LONGEST["name"], 1), metadata=f.about("Name", f.EXAMPLES["contact"])
    )
