"""Files as people send them, made for tests."""

from __future__ import annotations

import io
import random
import zipfile

CITIES = ("北京", "上海", "深圳", "杭州", "成都", "南京")
BRAND = "云智信安博联数通达科华创新远景恒瑞思维海天启明中软"
BUSINESS = ("科技", "软件", "信息技术", "网络技术", "数据服务")
LEGAL = ("有限公司", "股份有限公司")


def bomb() -> bytes:
    """A small xlsx that unpacks to 30 MB of nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/media/a.bin", bytes(30 * 1024 * 1024))
    return out.getvalue()


def long_list(rows: int, seed: int = 1) -> bytes:
    """A csv of so many companies, each of its own name."""
    chance = random.Random(seed)
    names: set[str] = set()
    while len(names) < rows:
        brand = "".join(chance.sample(BRAND, 3))
        names.add(chance.choice(CITIES) + brand + chance.choice(BUSINESS) + chance.choice(LEGAL))
    lines = (f"{rank},{name}" for rank, name in enumerate(sorted(names), start=1))
    return "\n".join(("排名,企业名称", *lines)).encode()
