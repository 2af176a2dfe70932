"""Hands short messages to robots of WeCom, DingTalk and Feishu, as apprise knows them.

Its plugins take any answer of 200 for a yes, and these messengers say no with a 200 as well. Here
the answer is read, so that what was refused is not taken for sent. Nothing here raises for a
messenger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

import requests
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from crm.mail.robots import Robot, begins_with
from crm.mail.smtp import Delivery, Outcome
from models.enums import Way

_ANSWER_LIMIT = 64 * 1024
_REPLY_ROOM = 480
_JSON = {"Content-Type": "application/json; charset=utf-8"}
# What ends before anything was said.
_BEFORE = (ConnectTimeoutError, NewConnectionError, SSLError)


def deliver(robot: Robot, text: str, *, homes: Mapping[str, str], timeout: float) -> Delivery:
    """Hand over one message; what the messenger's own trouble is, is for now only."""
    try:
        plugin = _PLUGINS[robot.way].of(robot)
    except TypeError:
        # Its words hold the address.
        return Delivery(Outcome.FAILED, "not an address of a robot", no_such_address=True)
    plugin.begins, plugin.seconds = begins_with(robot.way, homes), timeout
    plugin.notify(body=text)
    heard: Delivery = plugin.heard
    return heard


class _Heard(NotifyBase):  # type: ignore[no-untyped-call]
    """A plugin that keeps what the messenger answered, and what that means."""

    code: ClassVar[str]
    words: ClassVar[str]
    busy: ClassVar[frozenset[int]]
    token: str
    begins: str
    seconds: float
    # Nothing was said where apprise itself would not send the text.
    heard = Delivery(Outcome.FAILED, "not sent")

    @classmethod
    def of(cls, robot: Robot) -> Any:
        """The plugin for one address."""
        return cls(token=robot.token)

    def payload(self, body: str) -> dict[str, Any]:
        """The message as this messenger wants it."""
        return {"msgtype": "text", "text": {"content": body}}

    def parameters(self) -> dict[str, str]:
        """What stands in the address beside the token."""
        return {}

    def send(self, body: str, title: str = "", *_args: Any, **_more: Any) -> bool:
        """Post it and read the answer."""
        del title
        self.heard = self._post(f"{self.begins}{self.token}", body)
        return self.heard.outcome is Outcome.SENT

    def _post(self, address: str, body: str) -> Delivery:
        until = time.monotonic() + self.seconds
        try:
            with requests.post(
                address,
                data=json.dumps(self.payload(body), ensure_ascii=False).encode(),
                params=self.parameters(),
                headers={"User-Agent": self.app_id, **_JSON},
                timeout=self.seconds,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = b""
                for chunk in response.iter_content(4096):
                    content += chunk
                    if len(content) > _ANSWER_LIMIT or time.monotonic() > until:
                        raise requests.ReadTimeout("the answer does not end")
                return self._answered(response.status_code, content)
        except requests.ConnectionError as error:
            return Delivery(_of_broken(error), _named(error))
        except requests.RequestException as error:
            return Delivery(Outcome.UNCERTAIN, _named(error))

    def _answered(self, status: int, content: bytes) -> Delivery:
        try:
            answer = json.loads(content)
            code = int(answer[self.code])
        except (ValueError, TypeError, KeyError):
            said = f"{status} {content.decode(errors='replace')}"[:_REPLY_ROOM]
            gone = 400 <= status < 500 and status != 429
            outcome = Outcome.FAILED if gone else Outcome.DEFERRED
            return Delivery(outcome, said, no_such_address=gone)
        said = f"{code} {answer.get(self.words, '')}"[:_REPLY_ROOM]
        if code == 0 and status == 200:
            return Delivery(Outcome.SENT, said)
        if code in self.busy or status == 429 or status >= 500:
            return Delivery(Outcome.DEFERRED, said)
        return Delivery(Outcome.FAILED, said, no_such_address=True)


class _WeCom(_Heard, NotifyWeComBot):  # type: ignore[no-untyped-call]
    code, words = "errcode", "errmsg"
    busy = frozenset({-1, 45009, 45033})

    @classmethod
    def of(cls, robot: Robot) -> Any:
        made = cls(key=robot.token)
        made.token = robot.token
        return made


class _DingTalk(_Heard, NotifyDingTalk):  # type: ignore[no-untyped-call]
    code, words = "errcode", "errmsg"
    busy = frozenset({-1, 130101, 410100})

    @classmethod
    def of(cls, robot: Robot) -> Any:
        return cls(token=robot.token, secret=robot.secret)

    def payload(self, body: str) -> dict[str, Any]:
        return {**super().payload(body), "at": {"atMobiles": [], "isAtAll": False}}

    def parameters(self) -> dict[str, str]:
        if not self.secret:
            return {}
        timestamp, sign = self.get_signature()  # type: ignore[no-untyped-call]
        # It comes encoded for an address, and becomes part of one by being encoded.
        return {"timestamp": timestamp, "sign": unquote(sign)}


class _Feishu(_Heard, NotifyFeishu):  # type: ignore[no-untyped-call]
    code, words = "code", "msg"
    busy = frozenset({11232, 99991400})

    def payload(self, body: str) -> dict[str, Any]:
        return {"msg_type": "text", "content": {"text": body}}


_PLUGINS: dict[Way, type[_Heard]] = {
    Way.WECOM: _WeCom,
    Way.DINGTALK: _DingTalk,
    Way.FEISHU: _Feishu,
}


def _of_broken(error: requests.ConnectionError) -> Outcome:
    """Whether the line broke before anything was said; else it may have been taken."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return Outcome.DEFERRED if isinstance(reason, _BEFORE) else Outcome.UNCERTAIN


def _named(error: Exception) -> str:
    """The kind of mishap alone: its words hold the address, and that is a secret."""
    return type(error).__name__
