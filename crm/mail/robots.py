"""Addresses of robots in WeCom, DingTalk and Feishu: what is pasted, and what of it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from models.enums import Way

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")
_PLAIN = re.compile(r"[A-Za-z0-9]{8,200}")


@dataclass(frozen=True)
class Robot:
    """Where a message goes. Who knows the token can write there: ``repr`` keeps it to itself."""

    way: Way
    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Messenger:
    """A messenger's own host, what stands between it and a robot's token, and a token's shape."""

    home: str
    path: str
    token: re.Pattern[str] = _TOKEN


MESSENGERS: dict[Way, Messenger] = {
    Way.WECOM: Messenger("https://qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key="),
    Way.DINGTALK: Messenger("https://oapi.dingtalk.com", "/robot/send?access_token=", _PLAIN),
    Way.FEISHU: Messenger("https://open.feishu.cn", "/open-apis/bot/v2/hook/"),
}


def begins_with(way: Way, homes: Mapping[str, str]) -> str:
    """How the address of a robot begins; ``homes`` are those that an office runs by itself."""
    messenger = MESSENGERS[way]
    return f"{homes.get(way.value, messenger.home)}{messenger.path}"


def token_of(way: Way, address: str, homes: Mapping[str, str]) -> str | None:
    """The secret part of an address as it was pasted; None for any other address.

    Only the messenger's own host is ever spoken to: no address leads a message anywhere else.
    """
    try:
        found = urlsplit(address.strip())
    except ValueError:
        return None
    wanted = urlsplit(begins_with(way, homes))
    if (found.scheme, found.netloc.lower()) != (wanted.scheme, wanted.netloc.lower()):
        return None
    if wanted.query:
        name = wanted.query.removesuffix("=")
        token = parse_qs(found.query).get(name, [""])[0] if found.path == wanted.path else ""
    else:
        token = found.path.removeprefix(wanted.path).rstrip("/")
    return token if MESSENGERS[way].token.fullmatch(token) else None
