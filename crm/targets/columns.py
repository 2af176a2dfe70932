"""What the columns of a target list can mean, and the words their headers use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm.imports.columns import Meaning, Vocabulary
from crm.messages import msg
from crm.targets.ranks import read_rank

_CODE = re.compile(r"[0-9A-HJ-NP-RT-UW-Ya-hj-np-rt-uw-y]{18}")
_NAME_END = re.compile(
    r"(公司|集团|研究院|研究所|厂|中心|事务所|\b(inc|corp|ltd|llc|gmbh|ag|plc)\.?)[)）]?$",
    re.IGNORECASE,
)


# Where a city has a column of its own, a region's says less; a province is read for where it is a
# city itself (上海) and its own column says 市辖区.
LESSER_CITIES = (
    *("市", "地市", "所在市", "所属市", "所属城市"),
    *("所属地区", "所在地区", "地区", "省市"),
)
PROVINCES = ("省份", "省", "所在省份", "所在省", "所属省份", "总部所在省", "省/直辖市", "Province")


def _most(values: Sequence[str], fitting: int) -> bool:
    return fitting * 10 >= len(values) * 8


def _names(values: Sequence[str]) -> bool:
    return _most(values, sum(bool(_NAME_END.search(value)) for value in values))


def _codes(values: Sequence[str]) -> bool:
    return _most(values, sum(bool(_CODE.fullmatch(value)) for value in values))


def _ranks(values: Sequence[str]) -> bool:
    """Small ranks that never fall: 1, 2, 3 or, with a tie, 1, 2, 2, 4."""
    ranks = [rank for value in values if (rank := read_rank(value)[0]) is not None]
    # The greatest that is still likely: a sample of a list misses some.
    return len(ranks) == len(values) and ranks == sorted(ranks) and ranks[-1] <= 2 * len(ranks) + 10


# 序号 only counts rows: many lists in alphabetical order carry it, and a rank made of it would be
# untrue. It is ignored also where no other column is a rank; a person can still choose it.
TARGET_COLUMNS = Vocabulary(
    meanings=(
        Meaning(
            "name",
            msg("企业名称"),
            (
                *(
                    "企业名称",
                    "单位名称",
                    "公司名称",
                    "中文名称",
                    "企业全称",
                    "公司全称",
                    "中文全称",
                ),
                *("全称", "名称", "企业", "公司", "单位", "企业名单", "机构名称"),
                *("Organization", "Organisation", "Company Name", "Company", "Name", "Enterprise"),
            ),
            _names,
            required=True,
        ),
        Meaning(
            "credit_code",
            msg("统一社会信用代码"),
            (
                *("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码"),
                *("Credit code", "Unified social credit code", "USCC"),
            ),
            _codes,
        ),
        Meaning(
            "rank",
            msg("名次"),
            ("排名", "名次", "位次", "排序", "Rank", "Ranking", "Position"),
            _ranks,
        ),
        Meaning(
            "short_name",
            msg("企业简称"),
            ("中文简称", "企业简称", "公司简称", "简称", "Short name", "Abbreviation"),
        ),
        Meaning(
            "city",
            msg("总部所在地"),
            (
                *("总部所在地", "总部", "所在地", "所在城市", "总部城市", "城市", "注册地"),
                *("总部所在市", "Headquarters", "HQ", "City", "Location"),
            ),
            lesser=LESSER_CITIES,
        ),
        Meaning("province", msg("总部所在省份"), PROVINCES),
        Meaning(
            "segment",
            msg("产业环节"),
            ("产业环节", "环节", "所属行业", "细分领域", "产业链环节", "Segment", "Industry"),
        ),
        Meaning(
            "revenue",
            msg("营业收入"),
            ("营业收入", "营收", "收入", "主营业务收入", "软件业务收入", "Revenue"),
        ),
    ),
    ignored=(
        *("序号", "编号", "No.", "Index", "主要品牌", "品牌", "品牌名称", "主要产品", "Brands"),
        *("英文名称", "英文名", "产品名称", "项目名称", "法定代表人", "备注", "Remarks"),
        *("企业类型", "企业规模", "企业性质", "单位性质", "公司地址", "企业官网"),
    ),
)
