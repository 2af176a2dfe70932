"""Words company names are made of: legal forms, places, lines of business."""

from __future__ import annotations

# Longest first where one ends with another. 集团 is no legal form: a group is not its members.
LEGAL_FORMS = (
    *("股份有限责任公司", "有限责任股份公司", "有限责任公司", "股份有限公司", "有限公司"),
    *("股份公司", "株式会社", "特殊普通合伙", "普通合伙", "有限合伙", "公司"),
)
# A branch ends with 公司 too, but is part of another company: its name is left whole.
BRANCHES = ("分公司", "子公司", "总公司")

LATIN_LEGAL_FORMS = (
    *("incorporated", "corporation", "company", "limited", "corp", "inc", "ltd", "llc", "llp"),
    *("plc", "gmbh", "kgaa", "sarl", "pte", "pty", "oyj", "co", "ag", "se", "sa", "nv", "bv"),
    *("ab", "oy", "kk", "lp"),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PROVINCES = _words(
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 "
    "福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 "
    "甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
)
_CITIES = _words(
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 "
    "大同 长治 晋城 晋中 运城 临汾 呼和浩特 包头 赤峰 鄂尔多斯 沈阳 大连 "
    "鞍山 抚顺 本溪 丹东 锦州 营口 长春 哈尔滨 齐齐哈尔 大庆 南京 无锡 "
    "徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 "
    "宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 "
    "蚌埠 淮南 马鞍山 铜陵 安庆 黄山 滁州 阜阳 六安 福州 厦门 莆田 "
    "三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 九江 赣州 上饶 济南 "
    "青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 "
    "聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 新乡 许昌 南阳 商丘 "
    "信阳 周口 武汉 黄石 十堰 宜昌 襄阳 荆州 长沙 株洲 湘潭 衡阳 "
    "岳阳 常德 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 "
    "惠州 梅州 东莞 中山 南宁 柳州 桂林 北海 海口 三亚 成都 自贡 "
    "泸州 德阳 绵阳 宜宾 贵阳 遵义 昆明 大理 拉萨 西安 宝鸡 咸阳 "
    "延安 榆林 兰州 西宁 银川 乌鲁木齐 昆山 义乌"
)
COUNTRY = "中国"
PLACE_NAMES = frozenset((COUNTRY, *_PROVINCES, *_CITIES))
PLACE_ENDINGS = (
    *("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区"),
    *("省", "市"),
)

# What says nothing about who a company is, only what it does.
BUSINESS_WORDS = (
    *("信息技术研究院", "科学研究院", "设计研究院", "研究设计院", "电子商务", "系统工程"),
    *("研究院", "研究所", "设计院", "计算机", "自动化", "互联网", "物联网", "新媒体", "大数据"),
    *("人工智能", "科技", "技术", "信息", "网络", "系统", "工程", "软件", "硬件", "电子", "数据"),
    *("数字", "数码", "集团", "控股", "投资", "产业", "实业", "服务", "发展", "文化", "传媒"),
    *("传播", "咨询", "通信", "通讯", "电信", "电器", "电气", "电脑", "移动", "智能", "互动"),
    *("娱乐", "教育", "金融", "支付", "旅游", "旅行", "贸易", "管理", "安全", "广告", "动漫"),
    *("医疗", "能源", "设备", "微电子", "半导体", "云计算", "股份", "研发", "邮电", "激光"),
    *("与", "和", "及"),
)
# Beginnings so many companies share that they bring nobody closer.
COMMON_BEGINNINGS = frozenset(
    (
        *("东方", "中国", "中科", "华夏", "国际", "大华", "新华", "中电", "国电", "华东", "华南"),
        *("华北", "西部", "南方", "北方", "中华", "全国", "国家", "世纪", "金山", "天地", "神州"),
        *("第一", "长城", "中软", "中信", "中油", "中冶", "国网", "星网", "信息", "科技"),
    )
)
