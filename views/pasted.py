"""A pasted text as the form of a visit shows it: what was found is marked where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from crm.formats import say
from crm.visits.drafting.reading import Reading
from crm.visits.drafting.rules import Kind


@dataclass(frozen=True)
class Part:
    """A piece of the text; ``kind`` and ``why`` where it was taken for something."""

    text: str
    kind: str = ""
    why: str = ""


@dataclass(frozen=True)
class Pasted:
    """The text in pieces, what the colours mean, and who else was named."""

    parts: tuple[Part, ...]
    kinds: tuple[tuple[str, str], ...]
    also_met: tuple[str, ...]
    knows_company: bool


def pasted(reading: Reading) -> Pasted:
    """The view of a reading."""
    words = {
        Kind.COMPANY: _("企业"),
        Kind.PERSON: _("见了谁"),
        Kind.PHONE: _("电话"),
        Kind.DAY: _("日期"),
        Kind.NEXT_STEP: _("下一步"),
        Kind.PROMISE: _("承诺"),
        Kind.OTHER_DAY: _("另一个日期，只记在谈话里"),
        Kind.NEED: _("企业诉求"),
        Kind.FIGURE: _("投资与需求"),
        Kind.MODE: _("方式"),
    }
    if not reading.takes_steps:
        for kind in (Kind.NEXT_STEP, Kind.PROMISE):
            words[kind] = _("%(what)s（登记线索后再填）", what=words[kind])
    found = {mark.kind for mark in reading.draft.marks}
    strangers = [one.name for one in reading.draft.people if one.known is None]
    return Pasted(
        parts=tuple(_parts(reading)),
        kinds=tuple((kind.value, word) for kind, word in words.items() if kind in found),
        also_met=tuple(strangers[1:]),
        knows_company=reading.company is not None,
    )


def _parts(reading: Reading) -> list[Part]:
    parts: list[Part] = []
    position = 0
    for mark in reading.draft.marks:
        parts.append(Part(reading.text[position : mark.start]))
        marked = reading.text[mark.start : mark.end]
        parts.append(Part(marked, mark.kind.value, say(mark.why)))
        position = mark.end
    return [part for part in (*parts, Part(reading.text[position:])) if part.text]
