"""Lists come in completely, once, and go out again."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.companies.identity import Answer
from crm.companies.service import create_company
from crm.imports.outcomes import Outcome
from crm.reference import DATA
from crm.targets import deciding, undoing
from crm.targets.applying import import_now
from crm.targets.preview import Preview, guess_mapping, open_table
from models.company import Company, CompanyRelation
from models.enums import MatchState
from models.import_batch import ImportBatch
from models.target import ListEdition, ListEntry

LISTS = (
    ("china-software-100-2018.csv", "china-software-100", 2018),
    ("china-internet-100-2019.csv", "china-internet-100", 2019),
    ("world-software-2025-top13.csv", "world-software-500", 2025),
)


def bring(
    session: Any, data: bytes, code: str = "china-internet-100", year: int = 2019
) -> tuple[Preview, ImportBatch | None]:
    table = open_table("list.csv", data)
    found = import_now(table, data, "list.csv", code, year, guess_mapping(table), now=clock.now())
    session.commit()
    return found


def bring_real(session: Any, number: int) -> tuple[Preview, ImportBatch | None]:
    name, code, year = LISTS[number]
    return bring(session, (DATA / "lists" / name).read_bytes(), code, year)


def count(session: Any, model: Any) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(model)))


def test_the_real_lists_come_in_completely_and_once(session: Any) -> None:
    for number, rows in enumerate((100, 100, 13)):
        found, _batch = bring_real(session, number)
        assert len(found.results) == rows == sum(found.counts.values())
        assert found.counts[Outcome.ERROR] == 0
        again, batch = bring_real(session, number)
        assert again.counts[Outcome.UNCHANGED] == rows
        assert batch is None
    assert count(session, ListEntry) == 213
    world = sa.select(ListEntry.rank).join(ListEdition).where(ListEdition.year == 2025)
    ranks = list(session.scalars(world))
    assert ranks.count(4) == 2
    assert 5 not in ranks


def test_a_company_on_two_lists_is_one_with_two_entries(session: Any) -> None:
    bring_real(session, 0)
    bring_real(session, 1)
    undecided = session.scalars(
        sa.select(ListEntry).where(ListEntry.match_state == MatchState.UNDECIDED)
    ).all()
    for entry in undecided:
        edition_id = entry.edition_id
        deciding.decide(entry.id, Answer.NEW, edition_id=edition_id, actor_id=None, now=clock.now())
    session.commit()
    assert count(session, Company) == 195
    twice = (
        sa.select(ListEntry.company_id).group_by(ListEntry.company_id).having(sa.func.count() == 2)
    )
    assert len(session.scalars(twice).all()) == 5
    iflytek = session.scalar(sa.select(Company).where(Company.name.startswith("科大讯飞")))
    assert (iflytek.cadence_days, iflytek.rewarded) == (14, True)


def test_an_import_taken_back_leaves_what_was_before(session: Any) -> None:
    bring_real(session, 0)
    before = {c.name: (c.cadence_days, c.rewarded) for c in session.scalars(sa.select(Company))}
    _found, batch = bring_real(session, 1)
    assert batch
    undone = undoing.undo(batch.public_id, now=clock.now())
    session.commit()
    session.expire_all()
    after = {c.name: (c.cadence_days, c.rewarded) for c in session.scalars(sa.select(Company))}
    assert undone
    assert (undone.entries, undone.kept_companies) == (100, 0)
    assert after == before
    assert count(session, ListEdition) == 1
    assert undoing.undo(batch.public_id, now=clock.now()) is None


def test_provinces_of_one_group_are_never_one_company(session: Any) -> None:
    create_company("四川省通信产业服务有限公司", now=clock.now())
    found, _batch = bring(session, "企业名称\n广东省通信产业服务有限公司\n".encode())
    assert found.counts[Outcome.DOUBTFUL] == 1
    entry = session.scalar(sa.select(ListEntry))
    assert (entry.match_state, entry.company_id) == (MatchState.UNDECIDED, None)
    assert count(session, Company) == 1


@pytest.mark.parametrize(
    ("answer", "companies", "relations"),
    [(Answer.SAME, 1, 0), (Answer.GROUP, 2, 1), (Answer.NEW, 2, 0)],
)
def test_a_doubtful_row_is_decided_each_way(
    session: Any, answer: Answer, companies: int, relations: int
) -> None:
    known = create_company("北京京东尚科信息技术有限公司", now=clock.now())
    bring(session, "企业名称\n京东集团\n".encode())
    entry = session.scalar(sa.select(ListEntry))
    for _twice in range(2):
        deciding.decide(
            entry.id, answer, edition_id=entry.edition_id, actor_id=None, now=clock.now()
        )
        session.commit()
    assert count(session, Company) == companies
    assert count(session, CompanyRelation) == relations
    assert (entry.company_id == known.id) == (answer is Answer.SAME)
    assert session.get(Company, entry.company_id).cadence_days == 30


def test_a_new_rank_updates_the_entry_and_undo_brings_the_old_one_back(session: Any) -> None:
    bring(session, "排名,企业名称\n3,甲乙科技有限公司\n".encode())
    found, batch = bring(session, "排名,企业名称\n5,甲乙科技有限公司\n".encode())
    entry = session.scalar(sa.select(ListEntry))
    assert (found.counts[Outcome.MATCHED], entry.rank) == (1, 5)
    assert batch
    undoing.undo(batch.public_id, now=clock.now())
    session.commit()
    assert entry.rank == 3


def test_a_name_with_spaces_is_the_company_that_is_there(session: Any) -> None:
    known = create_company("科大讯飞股份有限公司", now=clock.now())
    rows = ("科大\u3000讯飞 股份 有限公司", "甲乙 科技 有限公司")
    found, _batch = bring(session, "\n".join(("企业名称", *rows)).encode())
    assert (found.counts[Outcome.MATCHED], found.counts[Outcome.NEW]) == (1, 1)
    entries = session.scalars(sa.select(ListEntry).order_by(ListEntry.id)).all()
    assert [entry.name for entry in entries] == ["科大讯飞股份有限公司", "甲乙科技有限公司"]
    assert entries[0].company_id == known.id
    assert session.get(Company, entries[1].company_id).name == "甲乙科技有限公司"


def test_ranks_come_in_as_lists_write_them(session: Any) -> None:
    bring(session, "排名,企业名称\n7,甲乙科技有限公司\n".encode())
    rows = ("第7名,甲乙科技有限公司", "TOP 8,丙丁软件有限公司", "８（并列）,戊己数据有限公司")
    more = ("不详,庚辛网络有限公司", "第几名,壬癸信息有限公司")
    found, _batch = bring(session, "\n".join(("排名,企业名称", *rows, *more)).encode())
    ranks = list(session.scalars(sa.select(ListEntry.rank).order_by(ListEntry.id)))
    assert ranks == [7, 8, 8, None]
    assert (found.counts[Outcome.MATCHED], found.counts[Outcome.ERROR]) == (1, 1)


def test_formulas_are_stored_as_text(session: Any) -> None:
    bring(session, '企业名称\n"=HYPERLINK(""http://x"",""甲"")"\n乙科技有限公司\n'.encode())
    assert '=HYPERLINK("http://x","甲")' in set(session.scalars(sa.select(ListEntry.name)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_spellings_of_csv_say_the_same(session: Any, encoding: str, delimiter: str) -> None:
    rows = (("排名", "企业名称"), ("1", "甲乙科技有限公司"), ("1", "丙丁软件有限公司"))
    bring(session, "\n".join(delimiter.join(row) for row in rows).encode(encoding))
    entries = session.execute(sa.select(ListEntry.rank, ListEntry.name)).all()
    assert {tuple(entry) for entry in entries} == {(1, rows[1][1]), (1, rows[2][1])}
