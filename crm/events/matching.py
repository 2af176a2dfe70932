"""Which company each pasted line is: known, only alike, or nobody's yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.companies.identity import Candidate, alike, candidate, name_problem
from crm.companies.keys import stored_form
from crm.companies.names import Likeness
from crm.companies.search import find_by_name
from crm.errors import Refusal
from crm.events.invitations import Guest
from crm.events.pasting import LONGEST_TEXT, Line, read_lines
from crm.events.rules import check_many
from crm.messages import Message, msg
from crm.visits.people import NewPerson
from models.company import Company

NEW, SKIP = "new", "skip"
ALIKE_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """A line and what is known of the company it names.

    ``alike`` are companies that only look like it: a person says which it is, if any.
    """

    line: Line
    company: Candidate | None = None
    alike: Sequence[Candidate] = ()
    problem: Message | None = None

    @property
    def doubtful(self) -> bool:
        """Whether a person has to say."""
        return self.company is None and bool(self.alike) and self.problem is None

    @property
    def choice(self) -> str:
        """What is proposed; nothing where a person has to say."""
        if self.problem:
            return SKIP
        if self.company:
            return self.company.public_id
        return "" if self.alike else NEW


def look_up(text: str) -> list[Found]:
    """What a pasted text names, each line with its company (a few statements for all of them).

    Raises Refusal at ``text`` where it names nothing or too much.
    """
    if len(text) > LONGEST_TEXT:
        raise Refusal({"text": [msg("最多 %(n)s 字，请分几次粘贴。", n=LONGEST_TEXT)]})
    lines = read_lines(text)
    if not lines:
        raise Refusal({"text": [msg("请粘贴名单，一行一家，企业和联系人用逗号或空格隔开。")]})
    check_many(len(lines))
    problems = {line.company: name_problem(line.company) for line in lines}
    named = [name for name, problem in problems.items() if problem is None]
    known = find_by_name(named)
    unknown = [name for name in named if stored_form(name) not in known]
    close = alike(unknown) if unknown else {}
    return [_found(line, problems, known, close) for line in lines]


def _found(
    line: Line,
    problems: Mapping[str, Message | None],
    known: Mapping[str, Company],
    close: Mapping[str, Sequence[tuple[Candidate, Likeness]]],
) -> Found:
    if problem := problems[line.company]:
        return Found(line, problem=problem)
    if company := known.get(stored_form(line.company)):
        return Found(line, candidate(company))
    return Found(line, alike=[one for one, _ in close.get(line.company, ())][:ALIKE_SHOWN])


def guests_of(found: Sequence[Found], choices: Mapping[int, str]) -> list[Guest]:
    """The guests of the lines as a person decided, by line number.

    A choice is the public id of a company that the line may be, ``new`` or ``skip``. Raises Refusal
    at the line's field where none was made.
    """
    errors, guests = {}, []
    for one in found:
        choice = choices.get(one.line.number) or one.choice
        offered = {NEW, SKIP, *(company.public_id for company in _offered(one))}
        if choice not in offered or (choice == NEW and one.problem):
            errors[field_of(one)] = [msg("请选这是哪一家。")]
        elif choice != SKIP:
            person = NewPerson(one.line.person, one.line.title) if one.line.person else None
            guests.append(Guest(one.line.company if choice == NEW else choice, person=person))
    if errors:
        raise Refusal(errors)
    return guests


def field_of(found: Found) -> str:
    """What the form calls the choice of a line."""
    return f"line_{found.line.number}"


def _offered(found: Found) -> list[Candidate]:
    return [found.company] if found.company else list(found.alike)
