"""Ledgers as teams keep them, made for tests."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence

from tests.targets.files import BRAND, BUSINESS, CITIES, LEGAL

# The usual order of a ledger of projects under negotiation.
HEADERS = (
    *("序号", "项目名称", "投资方", "总部所在地", "榜单情况", "产业链环节", "项目内容"),
    *("计划总投资(万元)", "三年软件业务收入(万元)", "三年用工(人)", "载体需求(㎡)", "意向园区"),
    *("线索来源", "招商渠道", "责任小分队", "责任人", "挂钩领导", "首次接洽", "当前阶段"),
    *("最新进展", "存在问题", "需协调事项", "下一步计划", "预计签约", "预计落地", "备注"),
)
USUAL = {
    "项目名称": "华东研发中心",
    "产业链环节": "关键基础软件/数据库",
    "项目内容": "设立华东研发中心",
    "计划总投资(万元)": "12000",
    "三年软件业务收入(万元)": "2.4亿元",
    "三年用工(人)": "160人",
    "载体需求(㎡)": "3000㎡",
    "意向园区": "南湖园区",
    "招商渠道": "驻点招商",
    "责任小分队": "北京小分队",
    "首次接洽": "2026.3.2",
    "最新进展": "2026.11.3 张三：谈了场地。11月5日 李四：要求补材料",
    "下一步计划": "答复场地方案",
    "预计签约": "2026年12月",
}


def ledger(
    *rows: Mapping[str, str], headers: Sequence[str] = HEADERS, usual: Mapping[str, str] = USUAL
) -> bytes:
    """A csv of these rows; what a row leaves out is as usual."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headers)
    for number, row in enumerate(rows, start=1):
        cells = {"序号": str(number), **usual, **row}
        writer.writerow([cells.get(header, "") for header in headers])
    return out.getvalue().encode()


def long_ledger(rows: int, seed: int = 1) -> bytes:
    """A csv of so many projects, each of a company of its own name."""
    chance = random.Random(seed)
    names: set[str] = set()
    while len(names) < rows:
        brand = "".join(chance.sample(BRAND, 3))
        names.add(chance.choice(CITIES) + brand + chance.choice(BUSINESS) + chance.choice(LEGAL))
    stages = ("线索", "接洽", "在谈", "")
    return ledger(
        *(
            {"投资方": name, "项目名称": f"项目{n}", "当前阶段": chance.choice(stages)}
            for n, name in enumerate(sorted(names))
        )
    )
