"""Find the list in a workbook: its sheet, its header row, its rows without notes and totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from crm.imports.columns import Vocabulary
from crm.imports.workbook import EmptyFile, Row, Sheet, Workbook
from crm.messages import msg

_HEADER_WITHIN = 50
Meant = Callable[[str], tuple[str, int] | None]
_LONG_NOTE = 40
_NOTE_AFTER_GAP = 20
_NOTE = re.compile(
    r"(注|备注|附注|说明|数据来源|资料来源|来源|填表人|制表人?|notes?|sources?)\s*\d*\s*[:：]"
    r"|共计?\s*\d+\s*[家条个行]|※",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(合\s*计|总\s*计|小\s*计|共\s*计|(grand\s+|sub)?total)\s*[:：]?", re.IGNORECASE
)


@dataclass(frozen=True)
class Table:
    """The list found: ``header_row`` is None when the file has no header (headers are then "")."""

    sheet: str
    header_row: int | None
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[int, ...]
    """Numbers of the rows below the header that are notes, totals or the header once more."""


def find_table(workbook: Workbook, vocabulary: Vocabulary) -> Table:
    """Find the sheet and header row that know most of the vocabulary, and the rows below.

    Without any known header a single column is taken as a list without header; several columns
    take their first full row as header when no cell of it is a number. Raises EmptyFile when no
    row is left.
    """
    best: tuple[int, int, Sheet] | None = None
    for sheet in workbook.sheets:
        score, index = _find_header(sheet, vocabulary)
        if score and (best is None or score > best[0]):
            best = score, index, sheet
    if best:
        table = _table(best[2], *_whole_header(best[2], best[1], vocabulary))
    else:
        largest = max(workbook.sheets, key=lambda s: sum(not row.blank for row in s.rows))
        unknown = _unknown_header(largest, vocabulary)
        table = _table(largest, unknown, _cells(largest, unknown))
    if not table.rows:
        raise EmptyFile(msg("表头下面没有内容。请检查文件里是否有名单。"))
    return table


def _find_header(sheet: Sheet, vocabulary: Vocabulary) -> tuple[int, int]:
    """How sure the best header row is, and its index; of equal neighbours the lower one.

    A header merged over two rows reads the same twice, and the data begin below the second.
    """
    best, found = 0, -1
    # Below the header the same words stand in row after row.
    meant = cache(vocabulary.best)
    for index, row in enumerate(islice(sheet.rows, _HEADER_WITHIN)):
        score = _header_score(row, vocabulary, meant)
        if score and (score > best or (score == best and index == found + 1)):
            best, found = score, index
    return best, found


def _whole_header(
    sheet: Sheet, index: int, vocabulary: Vocabulary
) -> tuple[int, tuple[str, ...], Sequence[tuple[str, ...]]]:
    """The last row of a header of several rows, what it says of each column, and its lines.

    Where 企业名称 is merged over two rows and 地区 is parted into 省 and 市 below it, the lower row
    says the name's header again. Its word counts, unless only the upper one means something.
    """

    def says_again(upper: Sequence[str], lower: Sequence[str]) -> bool:
        return any(
            above == below and (found := vocabulary.best(above)) is not None and found[1] == 100
            for above, below in zip(upper, lower, strict=True)
        )

    lines = [_cells(sheet, index)]
    for above in reversed(range(index)):
        if not says_again(upper := _cells(sheet, above), lines[0]):
            break
        lines.insert(0, upper)
    while index + 1 < len(sheet.rows) and says_again(lines[-1], _cells(sheet, index + 1)):
        index += 1
        lines.append(_cells(sheet, index))
    said = lines[0]
    for line in lines[1:]:
        said = tuple(
            upper if not lower or (vocabulary.best(upper) and not vocabulary.best(lower)) else lower
            for upper, lower in zip(said, line, strict=True)
        )
    return index, said, lines


def _cells(sheet: Sheet, index: int) -> tuple[str, ...]:
    """A row's cells, as wide as the sheet; all empty without a row."""
    width = max((len(row.cells) for row in sheet.rows), default=0)
    return tuple(sheet.rows[index].cell(i) for i in range(width)) if index >= 0 else ("",) * width


def _header_score(row: Row, vocabulary: Vocabulary, meant: Meant) -> int:
    """Sum of the sureness of the distinct meanings; a lone cell counts when it is a word itself.

    A value such as 新浪公司 contains a header word and is none.
    """
    sure: dict[str, int] = {}
    filled = [cell for cell in row.cells if cell]
    for cell in filled:
        found = meant(cell)
        if found and (found[1] == 100 or not _is_value(cell, vocabulary)):
            sure[found[0]] = max(found[1], sure.get(found[0], 0))
    if len(filled) == 1 and max(sure.values(), default=0) < 100:
        return 0
    return sum(sure.values())


def _unknown_header(sheet: Sheet, vocabulary: Vocabulary) -> int:
    filled = [(index, row) for index, row in enumerate(sheet.rows) if not row.blank]
    width = max(sum(map(bool, row.cells)) for _index, row in filled)
    index, row = next(pair for pair in filled if sum(map(bool, pair[1].cells)) == width)
    if width == 1 or any(_is_value(cell, vocabulary) for cell in row.cells):
        return -1
    return index


def _is_value(cell: str, vocabulary: Vocabulary) -> bool:
    if re.fullmatch(r"[\d.,%-]+", cell):
        return True
    return any(m.shape([cell]) for m in vocabulary.meanings if m.shape and cell)


def _table(
    sheet: Sheet, header: int, headers: tuple[str, ...], lines: Sequence[tuple[str, ...]] = ()
) -> Table:
    """The rows below a header, which is made of these lines."""
    columns = sum(map(bool, headers)) if header >= 0 else len(headers)
    rows: list[Row] = []
    left_out: list[int] = []
    after_gap = False
    for row in sheet.rows[header + 1 :]:
        if row.blank:
            after_gap = True
        elif _is_note(row, columns, after_gap=after_gap) or _is_header(row, (headers, *lines)):
            left_out.append(row.number)
        else:
            rows.append(row)
            after_gap = False
    number = sheet.rows[header].number if header >= 0 else None
    return Table(sheet.name, number, headers, tuple(rows), tuple(left_out))


def _is_header(row: Row, lines: Sequence[tuple[str, ...]]) -> bool:
    """Whether a row says a line of the header again, as lists do that were made for printing."""
    return any(all(cell in ("", line[i]) for i, cell in enumerate(row.cells)) for line in lines)


def _is_note(row: Row, columns: int, *, after_gap: bool) -> bool:
    filled = [cell for cell in row.cells if cell]
    first = filled[0]
    if _TOTAL.fullmatch(first):
        return True
    if len(filled) > 1:
        return False
    if _NOTE.match(first):
        return True
    alone_at_the_left = row.cell(0) == first and (columns > 1 or first.endswith("。"))
    return alone_at_the_left and len(first) > (_NOTE_AFTER_GAP if after_gap else _LONG_NOTE)
