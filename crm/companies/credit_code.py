"""The unified social credit code (统一社会信用代码): 18 characters with a check digit."""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

from crm.messages import Message, msg

_NEVER_USED = "IOSVZ"


def compact_code(code: str) -> str:
    """The code as it is stored: half-width capitals, no spaces or hyphens."""
    text = unicodedata.normalize("NFKC", code).upper()
    return "".join(c for c in text if not c.isspace() and c != "-")


def code_problem(code: str) -> Message | None:
    """Say what is wrong with a code and what to do, or None when it is right."""
    compact = compact_code(code)
    try:
        uscc.validate(compact)
    except InvalidLength:
        return msg("统一社会信用代码应为 18 位，这里有 %(n)s 位。请核对。", n=len(compact))
    except InvalidChecksum:
        return msg(
            "统一社会信用代码的校验位不对：前 17 位算出来应为 %(right)s，末位填的是 %(typed)s。"
            "可能抄错了一位，请核对营业执照。",
            right=str(uscc.calc_check_digit(compact)),
            typed=compact[-1],
        )
    except InvalidFormat:
        used = [letter for letter in _NEVER_USED if letter in compact]
        if used:
            return msg(
                "统一社会信用代码不用字母 %(letters)s，可能是数字 1、0、5、2 误写。请核对。",
                letters="、".join(used),
            )
        return msg("统一社会信用代码前 8 位应为数字，其余为数字或大写字母。请核对。")
    except ValidationError:
        return msg("统一社会信用代码不对。请核对营业执照。")
    return None
