"""One row of a list as it was sent: its values, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.companies.credit_code import code_problem, compact_code
from crm.companies.identity import name_problem
from crm.companies.keys import stored_form
from crm.companies.name_parts import tidy
from crm.imports.cells import is_unknown
from crm.imports.outcomes import Problem
from crm.imports.workbook import Row
from crm.messages import msg
from crm.targets.ranks import read_rank

SHORT_NAME_LENGTH = 64


@dataclass(frozen=True)
class Line:
    """A row under the number the spreadsheet shows; ``texts`` are its cells by meaning.

    ``raw`` holds every filled cell under its header, as it stood in the file.
    """

    number: int
    texts: Mapping[str, str]
    raw: Mapping[str, str]
    name: str
    rank: int | None
    credit_code: str | None
    problems: tuple[Problem, ...] = ()

    @property
    def normal_form(self) -> str:
        """The form in which one company's spellings are equal."""
        return stored_form(self.name)

    @property
    def home(self) -> str:
        """Where its headquarters are, in the words of the file."""
        return home_text(self.texts)

    @property
    def row_key(self) -> str:
        """What names the row within its edition, whatever its rank."""
        return f"code:{self.credit_code}" if self.credit_code else f"name:{self.normal_form}"


def home_text(texts: Mapping[str, str]) -> str:
    """Where a row's headquarters are, in the words of the file: 浙江省杭州市, and 上海市 once."""
    province, city = (texts.get(key, "").strip() for key in ("province", "city"))
    known = city.startswith(province.removesuffix("省").removesuffix("市"))
    return city if known else f"{province}{city}"


def read_line(
    row: Row, headers: Sequence[str], mapping: Mapping[str, int], fixes: Mapping[str, str]
) -> Line:
    """Read a row by its mapping; ``fixes`` (meaning -> text) stand in place of its cells."""
    texts = {key: row.cell(column) for key, column in mapping.items()}
    texts |= {key: text.strip() for key, text in fixes.items() if key in mapping}
    cells = list(row.cells)
    for key, text in texts.items():
        if mapping[key] < len(cells):
            cells[mapping[key]] = text
    raw = {_header(headers, i): text for i, text in enumerate(cells) if text}
    name = tidy(texts.get("name", ""))
    rank, rank_problem = read_rank(texts.get("rank", ""))
    code = compact_code(texts.get("credit_code", "")) or None
    found = (_name_problem(name), rank_problem, _short_name_problem(texts), _code_problem(code))
    problems = tuple(problem for problem in found if problem)
    return Line(row.number, texts, raw, name, rank, code, problems)


def _header(headers: Sequence[str], column: int) -> str:
    """A column's header; columns without one, or with another's, are told apart by number."""
    header = headers[column] if column < len(headers) else ""
    if header and headers.index(header) == column:
        return header
    return f"{header}#{column + 1}"


def _name_problem(name: str) -> Problem | None:
    wrong = name_problem(name)
    return Problem("name", wrong) if wrong else None


def _short_name_problem(texts: Mapping[str, str]) -> Problem | None:
    if len(texts.get("short_name", "")) > SHORT_NAME_LENGTH:
        return Problem("short_name", msg("简称最多 %(most)s 个字。", most=SHORT_NAME_LENGTH))
    return None


def _code_problem(code: str | None) -> Problem | None:
    if code is None or is_unknown(code):
        return None
    problem = code_problem(code)
    return Problem("credit_code", problem) if problem else None
