"""What the headers of ledgers mean."""

from __future__ import annotations

from crm.imports.columns import guess_columns
from crm.leads.importing.columns import LEAD_COLUMNS


def test_headers_as_offices_write_them_mean_what_they_say() -> None:
    wanted = {
        "progress": ("跟进记录", "走访记录", "洽谈情况", "项目进度", "最新情况"),
        "next_step_on": ("完成时间", "下一步完成时间", "下次联系时间", "截止日期"),
        "need": ("企业需求", "诉求"),
        "company": ("企业全称", "客户名称", "拟投资方"),
        "owner": ("牵头人", "招商员"),
        "planned_investment_cny": ("投资金额", "拟投资（万元）"),
        "contact": ("联系人职务电话",),
        "channel": ("招商来源",),
    }
    for key, headers in wanted.items():
        for header in headers:
            assert guess_columns((header,), [], LEAD_COLUMNS) == {key: 0}, header
