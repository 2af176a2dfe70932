"""Which company a name in somebody's file is: known, only alike, or nobody's yet.

The credit code decides first, then the normal form; nothing else makes two names one company.
What only looks alike waits for a person.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm.companies import search
from crm.companies.name_parts import take_apart, without_legal_form
from crm.companies.names import Forms, Likeness, normal_form
from crm.messages import Message, msg
from models import db
from models.company import NAME_LENGTH, Company
from models.sets import one_of

_AT_ONCE = 1_000
_SHORT_NUMBER = re.compile(r"\d{1,4}")


class Answer(enum.StrEnum):
    """What a person says of two names that look alike."""

    SAME = "same"
    GROUP = "group"
    NEW = "new"


@dataclass(frozen=True)
class Decision:
    """A person's answer and the company it was about; about another it says nothing."""

    answer: Answer
    company: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that is there already, as far as a comparison needs it."""

    id: int
    public_id: str
    name: str
    short_name: str = ""
    credit_code: str | None = None


def candidate(company: Company) -> Candidate:
    """A company as far as a comparison needs it."""
    return Candidate(
        company.id, company.public_id, company.name, company.short_name, company.credit_code
    )


def alike(
    names: Iterable[str], forms: Forms | None = None
) -> Mapping[str, Sequence[tuple[Candidate, Likeness]]]:
    """For each name the companies that only look like it, the most alike first.

    Who asks for the names of one file in parts hands ``forms`` from one part to the next.
    """
    return search.alike_among(names, _candidates, forms)


def alike_in_parts(
    report: Callable[[int], None], rows: int
) -> Callable[[Iterable[str]], Mapping[str, Sequence[tuple[Candidate, Likeness]]]]:
    """Compare names a thousand at a time: it is what takes longest, so it says how far it is.

    Half of looking at these rows is reading them, which is done, and half is comparing names.
    """

    def compare(names: Iterable[str]) -> Mapping[str, Sequence[tuple[Candidate, Likeness]]]:
        found: dict[str, Sequence[tuple[Candidate, Likeness]]] = {}
        forms, wanted = Forms(), list(names)
        for start in range(0, len(wanted), _AT_ONCE):
            found.update(alike(wanted[start : start + _AT_ONCE], forms))
            report((rows + rows * min(start + _AT_ONCE, len(wanted)) // len(wanted)) // 2)
        return found

    return compare


def _candidates(keys: Iterable[int]) -> dict[int, Candidate]:
    """Companies by their keys as far as a comparison needs them; merged ones are left out."""
    columns = (
        Company.id,
        Company.public_id,
        Company.name,
        Company.short_name,
        Company.credit_code,
    )
    query = sa.select(*columns).where(one_of(Company.id, keys), Company.merged_into_id.is_(None))
    return {row.id: Candidate(*row) for row in db.session.execute(query)}


def likelier(name: str, other: Candidate, likeness: Likeness) -> Answer:
    """The answer that is more often right for a name and a company that look alike."""
    first, second = take_apart(name), take_apart(other.name)
    # Whoever writes no more than a short name means the company that is called so for short.
    if likeness.score >= 100 or normal_form(name) == normal_form(other.short_name):
        return Answer.SAME
    if first.brand == second.brand or first.rest == second.rest or parent_of(name, other.name):
        return Answer.GROUP
    return Answer.SAME if likeness.score >= 90 else Answer.NEW


def parent_of(name: str, other: str) -> str | None:
    """Which of two names of one group is the group itself; None when neither or both are."""
    groups = [text for text in (name, other) if without_legal_form(text).endswith("集团")]
    return groups[0] if len(groups) == 1 else None


def name_problem(name: str) -> Message | None:
    """What is wrong with a company's name in a file, or None."""
    if not name:
        return msg("企业名称是空的，请补上或删掉这一行。")
    if len(name) > NAME_LENGTH:
        return msg(
            "企业名称有 %(n)s 个字，最多 %(most)s 个。请核对是不是放错了列。",
            n=len(name),
            most=NAME_LENGTH,
        )
    # A date or number of another column; 360, 4399 and the like are companies.
    if not any(character.isalpha() for character in name) and not _SHORT_NUMBER.fullmatch(name):
        return msg("企业名称里没有字，请核对。")
    return None
