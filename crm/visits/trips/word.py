"""A trip's report as a Word file, laid out as official documents are (GB/T 9704).

The layout stands in ``templates/trips/report.docx``, which ``bin/trip-report`` makes; this fills it
in. Such a document is Chinese, whoever takes it along.
"""

from __future__ import annotations

import io
import re
import tempfile
from datetime import date
from typing import Any

from crm.clock import local_date
from crm.config import ROOT
from crm.exports import Made, Paper
from crm.formats import money, say, written_day
from crm.leads.stages import stage_name
from crm.leads.words import MODE_WORDS, TASK_WORDS
from crm.visits.trips.report import Moved, Open, Report, Seen
from models.lead import Lead

TEMPLATE = ROOT / "templates" / "trips" / "report.docx"
_DIGITS = "零一二三四五六七八九"
# What XML can not hold at all; the rest is escaped.
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Said where somebody left it open: a report shows its gaps.
_UNSAID = "未填"


def word_report(report: Report) -> Made:
    """The report as a file, its head at the beginning; call it where Chinese is spoken
    (``force_locale``)."""
    from docxtpl import DocxTemplate  # noqa: PLC0415 (slow to import, and wanted by few)

    document = DocxTemplate(TEMPLATE)
    document.render(_clean(_said(report)), autoescape=True)
    # Only the one who reads it to the end closes it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        document.save(file)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Made(file, Paper.DOCX, len(report.seen), size)


def title_of(report: Report) -> str:
    """What the report is called."""
    return f"赴{report.trip.place.city}招商走访情况报告"


def file_name(report: Report) -> str:
    """What its file is called, without the ending."""
    return f"{title_of(report)}（{days_said(report)}）"


def days_said(report: Report) -> str:
    """The days of the trip: 12月1日至3日 as people read them, with the year."""
    first, last = report.trip.first_on, report.trip.last_on
    start = _whole_day(first)
    if first == last:
        return start
    if first.year != last.year:
        return f"{start}至{_whole_day(last)}"
    month = f"{last.month}月" if first.month != last.month else ""
    return f"{start}至{month}{last.day}日"


def _whole_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def numeral(n: int) -> str:
    """A number below a hundred as headings count: 一, 十, 十二, 三十; plain beyond."""
    if not 0 < n < 100:
        return str(n)
    tens, ones = divmod(n, 10)
    return (
        ("" if tens < 2 else _DIGITS[tens])
        + ("十" if tens else "")
        + (_DIGITS[ones] if ones else "")
    )


def _said(report: Report) -> dict[str, Any]:
    trip = report.trip
    sections = iter(range(1, 10))
    return {
        "title": title_of(report),
        "head": {name: f"{numeral(next(sections))}、{words}" for name, words in _HEADS},
        "when": days_said(report),
        "who": "、".join(one.name for one in trip.members),
        "team": trip.team.zh if trip.team else "",
        "city": trip.place.city,
        "purpose": trip.purpose,
        "visits": [_visit(number, one) for number, one in enumerate(report.seen, start=1)],
        "figures": _figures(report),
        "new_leads": [_lead(one) for one in report.new_leads],
        "moved": [_moved(one) for one in report.moved],
        "tasks": [_task(one) for one in report.tasks],
        "conclusions": _paragraphs(trip.conclusions) or [_UNSAID + "。"],
        "signed": trip.team.zh if trip.team else trip.author.name,
        "known_on": _whole_day(local_date(report.known_at)),
    }


_HEADS = (
    ("about", "基本情况"),
    ("visits", "走访情况"),
    ("results", "初步成效"),
    ("tasks", "下一步与承诺事项"),
    ("conclusions", "体会与建议"),
)


def _visit(number: int, seen: Seen) -> dict[str, Any]:
    visit = seen.visit
    met = "、".join(contact.name for contact in visit.contacts) if visit.reached else "没见到"
    when = written_day(local_date(visit.occurred_at), weekday=False)
    facts = [
        ("时间方式", f"{when}，{say(MODE_WORDS[visit.mode])}，{visit.author.name}记"),
        ("见了谁", met or _UNSAID),
        ("谈了什么", visit.summary or _UNSAID),
        ("企业诉求", visit.need or _UNSAID),
        ("结果", visit.outcome or _UNSAID),
        ("下一步", _step(seen)),
    ]
    return {
        "head": f"（{numeral(number)}）{visit.company.name}",
        "facts": [f"{label}：{text}" for label, text in facts],
    }


def _step(seen: Seen) -> str:
    if seen.step is None:
        return "未定"
    due = f"，{written_day(seen.step.due_on, weekday=False)}前" if seen.step.due_on else ""
    return f"{seen.step.text}{due}"


def _figures(report: Report) -> str:
    return (
        f"共走访{len(report.seen)}次，见到企业{len(report.companies)}家，"
        f"其中首次接触{len(report.first_touches)}家；新登记线索{len(report.new_leads)}条，"
        f"出差以来阶段推进{len(report.moved)}条。"
    )


def _lead(lead: Lead) -> str:
    planned = lead.planned_investment_cny
    amount = f"计划总投资{money(planned)}" if planned else "计划总投资未定"
    stage = say(stage_name(lead.stage))
    return f"新登记：{_title(lead)}，{stage}，{amount}，负责人{lead.owner.name}。"


def _moved(moved: Moved) -> str:
    before, now = (say(stage_name(stage)) for stage in (moved.before, moved.now))
    return f"阶段推进：{_title(moved.lead)}，由{before}到{now}。"


def _task(one: Open) -> str:
    due = f"，{written_day(one.task.due_on, weekday=False)}前" if one.task.due_on else "，未定日期"
    return f"{_title(one.lead)}：{say(TASK_WORDS[one.task.kind])}，{one.task.text}{due}。"


def _title(lead: Lead) -> str:
    return f"{lead.company.short_name} {lead.project}".strip()


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _clean(value: Any) -> Any:
    """The same without what XML can not hold."""
    match value:
        case str():
            return _NOT_IN_XML.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        case dict():
            return {name: _clean(one) for name, one in value.items()}
        case list():
            return [_clean(one) for one in value]
        case _:
            return value
