"""What the columns of a ledger (在谈项目台账) can mean, and the words their headers use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm.imports.columns import Meaning, Vocabulary
from crm.messages import msg
from crm.targets.columns import LESSER_CITIES, PROVINCES

_NAME_END = re.compile(r"(公司|集团|研究院|研究所|厂|中心|事务所)[)）]?$")


def _names(values: Sequence[str]) -> bool:
    return sum(bool(_NAME_END.search(value)) for value in values) * 10 >= len(values) * 8


LEAD_COLUMNS = Vocabulary(
    meanings=(
        Meaning(
            "company",
            msg("企业"),
            (
                *("投资方", "企业", "企业名称", "公司名称", "投资方名称", "投资主体", "投资企业"),
                *("公司", "单位名称", "客商", "客商名称", "招商企业", "目标企业", "客户名称"),
                *("企业全称", "Company", "Company name", "Investor"),
            ),
            _names,
            required=True,
        ),
        Meaning(
            "project",
            msg("项目名称"),
            ("项目名称", "项目", "项目名", "在谈项目", "在谈项目名称", "Project", "Project name"),
        ),
        Meaning(
            "credit_code",
            msg("统一社会信用代码"),
            ("统一社会信用代码", "信用代码", "社会信用代码", "Credit code"),
        ),
        Meaning(
            "city",
            msg("总部所在地"),
            ("总部所在地", "总部", "企业所在地", "所在城市", "总部所在市", "Headquarters"),
            lesser=("城市", *LESSER_CITIES),
        ),
        Meaning("province", msg("总部所在省份"), PROVINCES),
        Meaning(
            "segment",
            msg("产业链环节"),
            (
                *("产业链环节", "产业环节", "环节", "产业链", "所属环节", "所属产业", "产业方向"),
                *("产业领域", "行业领域", "所属领域", "细分领域", "所属行业", "行业", "赛道"),
                "Segment",
            ),
        ),
        Meaning(
            "channel",
            msg("线索来源"),
            ("招商渠道", "渠道", "渠道来源", "来源渠道", "招商来源", "招商方式", "Channel"),
        ),
        Meaning("source", msg("来源说明"), ("线索来源", "信息来源", "项目来源", "Source")),
        Meaning(
            "team",
            msg("招商小分队"),
            (
                *("责任小分队", "招商小分队", "小分队", "责任单位", "所属小分队", "招商队伍"),
                *("所属组", "组别", "Team"),
            ),
        ),
        Meaning(
            "owner",
            msg("负责人"),
            (
                *("责任人", "跟进人", "招商专员", "负责人", "项目负责人", "跟踪人", "跟进人员"),
                *("招商人员", "招商员", "经办人", "牵头人", "业务员", "Owner"),
            ),
        ),
        Meaning("liaison", msg("挂钩领导"), ("挂钩领导", "联系领导", "挂联领导", "包联领导")),
        Meaning(
            "contact",
            msg("联系人"),
            (
                *(
                    "联系人",
                    "企业联系人",
                    "对接人",
                    "企业对接人",
                    "联系人姓名",
                    "客商联系人",
                    "企业负责人",
                ),
                *(
                    "联系人及电话",
                    "联系人及联系方式",
                    "联系人及联系电话",
                    "联系人电话及职务",
                    "联系人/电话",
                ),
                *(
                    "联系人、电话",
                    "联系人和电话",
                    "联系人职务电话",
                    "联系人(电话)",
                    "Contact",
                    "Contacts",
                    "Contact person",
                ),
            ),
        ),
        Meaning(
            "contact_phone",
            msg("联系电话"),
            (
                *(
                    "联系电话",
                    "电话",
                    "手机",
                    "手机号",
                    "手机号码",
                    "联系方式",
                    "联系人电话",
                    "联系人手机",
                ),
                *("联系人联系方式", "电话号码", "企业电话", "Phone", "Mobile", "Telephone"),
            ),
        ),
        Meaning("contact_title", msg("联系人职务"), ("职务", "联系人职务", "职位", "Job title")),
        Meaning(
            "contact_wechat",
            msg("联系人微信"),
            ("微信", "微信号", "联系人微信", "微信/邮箱", "WeChat"),
        ),
        Meaning(
            "contact_email",
            msg("联系人邮箱"),
            ("邮箱", "电子邮箱", "联系人邮箱", "电子邮件", "Email", "E-mail"),
        ),
        Meaning(
            "stage",
            msg("阶段"),
            (
                *("当前阶段", "阶段", "进展阶段", "项目阶段", "所处阶段", "目前阶段", "状态"),
                *("项目状态", "Stage"),
            ),
        ),
        Meaning(
            "need",
            msg("企业诉求"),
            (
                *("企业诉求", "项目内容", "投资内容", "建设内容", "项目简介", "合作内容", "诉求"),
                *("企业需求", "主要诉求", "投资意向", "合作意向", "Need"),
            ),
        ),
        Meaning(
            "planned_investment_cny",
            msg("计划总投资"),
            (
                *("计划总投资", "总投资", "计划投资", "投资额", "投资总额", "拟投资额"),
                *("项目总投资", "投资规模", "预计投资", "投资金额", "拟投资", "计划投资额"),
                *("Planned investment", "Investment"),
            ),
        ),
        Meaning(
            "planned_revenue_cny",
            msg("三年软件收入"),
            (
                *("三年软件业务收入", "第三年软件收入", "三年软件收入", "软件业务收入"),
                *("第三年营收", "预计营收", "Planned revenue"),
            ),
        ),
        Meaning(
            "planned_headcount",
            msg("三年用工"),
            ("三年用工", "第三年人数", "用工人数", "用工", "人员规模", "预计用工", "Headcount"),
        ),
        Meaning(
            "space_m2",
            msg("载体需求"),
            ("载体需求", "载体面积", "场地需求", "办公面积", "面积需求", "需求面积", "Space"),
        ),
        Meaning(
            "place",
            msg("意向区县或园区"),
            (
                *(
                    "意向园区",
                    "意向区县",
                    "意向落地",
                    "意向落户地",
                    "拟落地园区",
                    "落户园区",
                    "意向地",
                    "园区",
                ),
                *("落地园区", "拟落户", "区县", "Park", "District"),
            ),
        ),
        Meaning(
            "first_contact",
            msg("首次接洽"),
            ("首次接洽", "首次接触", "首次对接", "接洽时间", "首谈时间", "First contact"),
        ),
        Meaning(
            "progress",
            msg("最新进展"),
            (
                *("最新进展", "进展", "进展情况", "项目进展", "跟进情况", "目前进展", "推进情况"),
                *(
                    "对接情况",
                    "跟进记录",
                    "跟踪情况",
                    "跟踪记录",
                    "走访记录",
                    "拜访记录",
                    "对接记录",
                ),
                *(
                    "联系记录",
                    "沟通记录",
                    "沟通情况",
                    "洽谈记录",
                    "洽谈情况",
                    "最新情况",
                    "近况",
                    "项目进度",
                ),
                *("工作进度", "进度", "跟进内容", "Progress"),
            ),
        ),
        Meaning("problem", msg("存在问题"), ("存在问题", "问题", "存在困难", "困难问题")),
        Meaning(
            "coordination", msg("需协调事项"), ("需协调事项", "协调事项", "需协调", "请求事项")
        ),
        Meaning("remark", msg("备注"), ("备注", "说明", "其他", "Remarks", "Notes")),
        Meaning(
            "next_step",
            msg("下一步"),
            (
                *("下一步计划", "下一步", "下步计划", "下一步工作", "下步打算", "工作计划"),
                *("下一步打算", "Next step"),
            ),
        ),
        Meaning(
            "next_step_on",
            msg("下一步日期"),
            (
                *("下一步日期", "下一步时间", "计划时间", "完成时限", "时限"),
                *("下次跟进", "下次跟进时间", "下次联系时间", "下一步完成时间", "下步完成时间"),
                *("完成时间", "计划完成时间", "截止日期", "截止时间"),
            ),
        ),
        Meaning(
            "expected_signing_on",
            msg("预计签约"),
            ("预计签约", "预计签约时间", "计划签约", "拟签约时间", "Expected signing"),
        ),
        Meaning(
            "expected_landing_on",
            msg("预计落地"),
            ("预计落地", "预计落地时间", "计划落地", "Expected landing"),
        ),
        Meaning("signed_on", msg("签约日期"), ("签约时间", "签约日期", "Signed on")),
        Meaning(
            "signed_investment_cny",
            msg("签约投资额"),
            ("协议投资", "签约投资额", "协议投资额", "签约金额", "Signed investment"),
        ),
        Meaning("registered_on", msg("注册日期"), ("注册时间", "注册日期", "Registered on")),
        Meaning("landed_on", msg("落地日期"), ("落地时间", "落地日期", "Landed on")),
    ),
    ignored=(
        *("序号", "编号", "No.", "Index", "榜单情况", "原因", "未导入原因"),
        # Those are ours, whose accounts say how they are reached.
        *("责任人电话", "负责人电话", "跟进人电话", "责任人联系方式", "责任人职务", "负责人职务"),
        *("注册公司", "注册资本", "到位资金", "实际用工", "兑现情况"),
    ),
)
AMOUNTS = ("planned_investment_cny", "planned_revenue_cny", "signed_investment_cny")
# Days that lie behind us, and days that lie ahead.
PAST_DAYS = ("first_contact", "signed_on", "registered_on", "landed_on")
COMING_DAYS = ("expected_signing_on", "expected_landing_on", "next_step_on")
# Columns whose text becomes notes of the timeline.
NOTES = ("progress", "problem", "coordination", "remark")
# The header of the column that says why a row was not imported; nothing is read from it.
REASON_HEADER = "未导入原因"
