"""The figures of a plan that a text says: investment, revenue, people, space. Pure.

A number fills a plan only where the words beside it leave one meaning. What a company has, what we
offer, what a policy asks for, a bound, another year and a question are no plan; of two different
numbers for one field neither is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.amounts import LARGEST_CNY
from crm.leads.inputs import wrong_values
from crm.messages import Message, Money, msg
from crm.visits.drafting.steps import Clause

INVESTMENT, REVENUE = "planned_investment_cny", "planned_revenue_cny"
HEADCOUNT, SPACE = "planned_headcount", "space_m2"

_TIMES = {"千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_FIGURE = re.compile(
    r"(?<![\d.,$A-Za-z])(?P<n>\d{1,3}(?:,\d{3})+|\d{1,12}(?:\.\d{1,4})?)\s*"
    r"(?:(?P<many>[千万])?(?:平方米|平米|平方(?!公里|千米)|㎡|m[2²]|平(?![台均安时方常等衡行板]))"
    r"|(?P<heads>名(?![额次单称片校])|(?:[个号]?人)(?![民才次均数工口行事家为份机间马头像气脸文物]|大(?![概约])))"
    r"|(?P<money>百万|千万|万|亿)(?:元?人民币|元)?(?!\s*(?:[美港欧日英韩平人名㎡台套家户字次册亩股千万亿]|m2)))"
)
# A range, a bound or a share: none of these is the figure.
_BOUND_BEFORE = re.compile(
    r"(?:超|近|上|每|单|第|前|另|再|加|增)\s*$"
    r"|\d[万亿千百平人㎡米]{0,4}\s{0,2}(?:[-~～—–至到或]|或者)\s{0,2}$"
)
_BOUND_AFTER = re.compile(
    r"\s*(?:以上|以下|以内|之内|以外|起|多|不止|往上|打底|上下浮|[-~～—–至到或/]\s*\d|或者|每)"
)
# Words between what a figure is of and the figure.
_FILLER = r"(?:[约大概在是为到达近能可做要额:：\s]|差不多|左右|总额|规模|金额|人民币)*+$"
_INVESTED = re.compile(rf"(?:投资|投(?![票放影标产入资]))(?:{_FILLER})")
_OTHER_INVESTMENT = re.compile(
    r"(?:天使|战略|股权|风险|财务|对外|固定资产|设备|跟|领)投|固投|获|融资|轮|估值|收购|并购|基金|股[份权]"
    r"|[参入]股|定增|贷款|注册|资本|市值|其中|由[^，]{2,8}投"
)
_EARNED = re.compile(rf"(?:营业收入|营收|收入)(?:{_FILLER})")
_THIRD_YEAR = re.compile(r"(?<![\d十近去前这])第?[三3]年(?![前来级多])")
_OTHER_YEAR = re.compile(
    r"\d{4}年|第?[一二两四五六七八九十\d]年|[首头今明后去前上本当每整]年|年[底初内]|[一二三四首前初先]期|起步|年化"
)
_MODAL = re.compile(
    r"计划|打算|预计|预期|拟|准备|希望|想(?![起必])|需要?(?!求)|要(?![求不])|将(?!近)|目标|规划|力争|争取"
)
_SETTING = re.compile(r"投资|设|建|落|租(?!金)|招|用工|团队|中心|分公司|子公司|基地|研发|编制|人员")
_WANTED = re.compile(rf"{_MODAL.pattern}|租(?!金)|要求|需求")
# What is so already, what others do or ask, and what nobody says for sure.
_NO_PLAN = re.compile(
    r"现有|(?:现在|目前)(?!想|要|需|计划|打算|希望)|已|曾|原[来有先]|本来|(?<![望想要需])有(?![望意限可])|拥有|在用"
    r"|(?:租|买|拿|用|签|投资?|招|设立?|建成?|落|谈|批|给|融|赚|做)[到下好完]?[了过](?![来去])"
    r"|如果|要是|的话|假如|政策|奖|补[贴助]|扶持|(?:我们|园区)要求|门槛|条件|标准|才[能有给]|比如|例如"
    r"|至少|起码|最[多低高]|超过|不(?!错)|没|未(?!来)|别|取消|放弃"
    r"|吗|呢|几|多少|能不能|是不是|是否|会不会"
    r"|提供|腾|空[着置余]|剩|给(?:他|她|对方|你|您|贵)|(?:以|能)给|最大|[单每一]层|占地"
    r"|累计|合计|总营收|总收入|[平人年亩]均"
    r"|同类|竞争|友商|别家|另一家|其他|隔壁"
)
# Whose figure it is, where nothing else says that it is of the plan here.
_THEIR_OWN = re.compile(r"公司(?!化)|企业|他们|对方|员工|自己|本身")
_WHOLE_GROUP = re.compile(r"集团|总部|母公司|全国|全球|全公司")
# People who come, sit or eat somewhere are none who will work here.
_GUESTS = re.compile(
    r"一行|参[加会观与]|出席|到场|接待|吃|坐|住|宿舍|公寓|会议|食堂|培训|活动|裁|离职|考察|代表团|调研|桌"
)
_COMING = re.compile(r"来|去|带|走")
_AT_ONCE = re.compile(r"[？?]")


@dataclass(frozen=True)
class FoundFigure:
    """A figure of the plan, the lead's field that has it, and where the text says it."""

    start: int
    end: int
    field: str
    value: int

    @property
    def why(self) -> Message:
        """What it was taken for, and as how much."""
        return _SAID[self.field](self.value)


_SAID = {
    INVESTMENT: lambda n: msg("计划总投资：%(money)s", money=Money(n)),
    REVENUE: lambda n: msg("三年软件收入：%(money)s", money=Money(n)),
    HEADCOUNT: lambda n: msg("三年用工：%(n)s 人", n=n),
    SPACE: lambda n: msg("载体需求：%(n)s㎡", n=n),
}


@dataclass(frozen=True)
class _Beside:
    """The words around a figure: of its own clause, and of its sentence before that.

    ``listed``: a figure of the plan stands before it in the sentence; ``listed_here``: in its
    clause.
    """

    before: str
    after: str
    sentence: tuple[str, ...]
    asked: bool
    listed: bool
    listed_here: bool

    @property
    def own(self) -> str:
        """The clause without the figure."""
        return f"{self.before}，{self.after}"


def figures_in(
    text: str, clauses: Sequence[Clause], *, elsewhere: Sequence[str] = (), company: str = ""
) -> list[FoundFigure]:
    """The figures that can only be the plan's, in the text's order, one a field.

    ``elsewhere`` are names of other cities: what is planned there is none of ours. The name of the
    ``company`` may hold one.
    """
    found: list[FoundFigure] = []
    for match in _FIGURE.finditer(text):
        if beside := _beside(text, clauses, match, found, company):
            field = _field(match, beside, elsewhere)
            value = _value(match) if field else 0
            if field and not wrong_values({field: value}):
                found.append(FoundFigure(match.start(), match.end(), field, value))
    said = {field: {one.value for one in found if one.field == field} for field in _SAID}
    first = {one.field: one for one in reversed(found)}
    return [one for one in found if len(said[one.field]) == 1 and first[one.field] is one]


def _value(match: re.Match[str]) -> int:
    """Whole CNY, people or square metres; 0 for what is not whole."""
    times = _TIMES.get(match["money"] or match["many"] or "", 1)
    value = Decimal(match["n"].replace(",", "")) * times
    return int(value) if value == int(value) and value <= LARGEST_CNY else 0


def _beside(
    text: str,
    clauses: Sequence[Clause],
    match: re.Match[str],
    found: Sequence[FoundFigure],
    company: str,
) -> _Beside | None:
    """What stands beside it; the comma within a number parts no clause."""
    first = next((one for one in clauses if one.start <= match.start() < one.end), None)
    last = next((one for one in clauses if one.start < match.end() <= one.end), None)
    if first is None or last is None:
        return None
    so_far = [one.start for one in found if one.start < match.start()]
    name = re.compile(re.escape(company)) if company else re.compile("(?!)")
    earlier = [one for one in clauses if one.sentence == first.sentence and one.end <= first.start]
    starts = earlier[0].start if earlier else first.start
    return _Beside(
        before=name.sub("", text[first.start : match.start()]),
        after=text[match.end() : last.end],
        sentence=tuple(name.sub("", one.words) for one in earlier),
        asked=bool(_AT_ONCE.match(text, last.end)),
        listed=any(starts <= start for start in so_far),
        listed_here=any(first.start <= start for start in so_far),
    )


def _field(match: re.Match[str], beside: _Beside, elsewhere: Sequence[str]) -> str | None:
    """The one field that the figure can be of; None where nothing says so, or two do."""
    if beside.asked or _no_plan(beside.own, elsewhere):
        return None
    if _BOUND_BEFORE.search(beside.before) or _BOUND_AFTER.match(beside.after):
        return None
    if match["money"]:
        return _of_money(beside)
    if match["heads"]:
        return HEADCOUNT if _is_headcount(beside, elsewhere) else None
    wanted = _WANTED.search(beside.before) or _inherits(beside, elsewhere)
    return SPACE if wanted and not _OTHER_YEAR.search(_years(beside.own)) else None


def _of_money(beside: _Beside) -> str | None:
    if _OTHER_YEAR.search(_years(beside.own)):
        return None
    if _INVESTED.search(beside.before) and not _OTHER_INVESTMENT.search(beside.own):
        return INVESTMENT
    return REVENUE if _EARNED.search(beside.before) and _is_third_year(beside) else None


def _is_third_year(beside: _Beside) -> bool:
    """Whether a revenue is that of the plan: its year is said, or it stands in a list of plans."""
    if _WHOLE_GROUP.search(beside.own):
        return False
    if _THIRD_YEAR.search(beside.before):
        return True
    if _THEIR_OWN.search(beside.own):
        return False
    so_far = "，".join((*beside.sentence, beside.before))
    planned = beside.listed_here or _THIRD_YEAR.search(so_far) or _MODAL.search(beside.before)
    return bool(planned) and not _OTHER_YEAR.search(_years(so_far))


def _is_headcount(beside: _Beside, elsewhere: Sequence[str]) -> bool:
    """Whether these are people who are to work here in the third year."""
    if _WHOLE_GROUP.search(beside.own) or _GUESTS.search(beside.own):
        return False
    if _COMING.search(beside.own) and not _SETTING.search(beside.own):
        return False
    if _THIRD_YEAR.search(beside.before):
        return True
    so_far = "，".join((*beside.sentence, beside.own))
    if _OTHER_YEAR.search(_years(so_far)):
        return False
    own = _MODAL.search(beside.before) and _SETTING.search(beside.own)
    return bool(own) or _inherits(beside, elsewhere)


def _inherits(beside: _Beside, elsewhere: Sequence[str]) -> bool:
    """Whether the sentence speaks of the plan before, and its own clause of nobody else."""
    if _THEIR_OWN.search(beside.own):
        return False
    planned = any(
        _MODAL.search(words) and _SETTING.search(words) and not _no_plan(words, elsewhere)
        for words in beside.sentence
    )
    return planned or beside.listed


def _no_plan(words: str, elsewhere: Sequence[str]) -> bool:
    return bool(_NO_PLAN.search(words)) or any(name in words for name in elsewhere)


def _years(words: str) -> str:
    """The words without the third year, which is the plan's own."""
    return _THIRD_YEAR.sub("", words)
