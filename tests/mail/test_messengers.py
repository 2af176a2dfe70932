"""What is handed to the three messengers and what their answers mean, against a real server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket

import pytest

from crm.mail.messengers import deliver
from crm.mail.robots import MESSENGERS, Robot, begins_with, token_of
from crm.mail.smtp import Delivery, Outcome
from models.enums import Way
from tests.mail.receivers import Receiver

TOKEN = "693a91f6-7bee-4a21-9c85-0b1d3a6f1f11"
PLAIN = TOKEN.replace("-", "")
TEXT = "【跟进提醒】今天 4 家要联系\n1. 北京和利时 已逾期 2 天"


def send(receiver: Receiver, way: Way, secret: str | None = None) -> Delivery:
    token = PLAIN if way is Way.DINGTALK else TOKEN
    homes = {one.value: receiver.home for one in MESSENGERS}
    return deliver(Robot(way, token, secret), TEXT, homes=homes, timeout=30.0)


@pytest.mark.parametrize("way", MESSENGERS)
def test_each_gets_the_text_in_its_own_shape(receiver: Receiver, way: Way) -> None:
    assert send(receiver, way).outcome is Outcome.SENT
    (taken,) = receiver.taken
    assert receiver.texts == [TEXT]
    assert taken.path.startswith(MESSENGERS[way].path.partition("?")[0])
    assert TOKEN[:8] in taken.path + str(taken.query)


def test_dingtalk_is_signed_as_it_asks(receiver: Receiver) -> None:
    secret = "SEC" + "a" * 32
    assert send(receiver, Way.DINGTALK, secret).outcome is Outcome.SENT
    query = receiver.taken[0].query
    signed = f"{query['timestamp']}\n{secret}".encode()
    wanted = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
    assert query["sign"] == wanted.decode()


@pytest.mark.parametrize(
    ("way", "status", "answer", "outcome", "gone"),
    [
        # They say no with a 200.
        (Way.WECOM, 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "failed", True),
        (Way.WECOM, 200, {"errcode": 45009, "errmsg": "freq out of limit"}, "deferred", False),
        (Way.DINGTALK, 200, {"errcode": 300005, "errmsg": "token is not exist"}, "failed", True),
        (Way.DINGTALK, 200, {"errcode": 130101, "errmsg": "too fast"}, "deferred", False),
        (Way.FEISHU, 200, {"code": 19001, "msg": "param invalid"}, "failed", True),
        (Way.FEISHU, 200, {"code": 11232, "msg": "too many request"}, "deferred", False),
        (Way.FEISHU, 404, "not here", "failed", True),
        (Way.WECOM, 429, "slow down", "deferred", False),
        (Way.WECOM, 502, "<html>bad gateway</html>", "deferred", False),
    ],
)
def test_a_refusal_for_good_one_for_now_and_which_speaks_against_the_address(
    receiver: Receiver, way: Way, status: int, answer: object, outcome: str, *, gone: bool
) -> None:
    receiver.status, receiver.answer = status, answer
    got = send(receiver, way)
    assert (got.outcome.value, got.no_such_address) == (outcome, gone)
    assert got.reply


def test_a_line_that_breaks_before_or_after_is_not_the_same(receiver: Receiver) -> None:
    receiver.cut = True
    got = send(receiver, Way.WECOM)
    assert got.outcome is Outcome.UNCERTAIN
    with socket.create_server(("127.0.0.1", 0)) as closed:
        home = f"http://127.0.0.1:{closed.getsockname()[1]}"
    nobody = deliver(Robot(Way.WECOM, TOKEN), TEXT, homes={"wecom": home}, timeout=30.0)
    assert nobody.outcome is Outcome.DEFERRED
    assert TOKEN not in got.reply + nobody.reply


@pytest.mark.parametrize("way", MESSENGERS)
def test_only_the_messengers_own_address_is_taken(way: Way) -> None:
    assert token_of(way, f" {begins_with(way, {})}{PLAIN} ", {}) == PLAIN
    elsewhere = begins_with(way, {way.value: "https://elsewhere.example"})
    for wrong in ("", PLAIN, f"{elsewhere}{PLAIN}", begins_with(way, {}), "https://["):
        assert token_of(way, wrong, {}) is None
    assert token_of(way, f"{elsewhere}{PLAIN}", {way.value: "https://elsewhere.example"}) == PLAIN
    assert PLAIN not in repr(Robot(way, PLAIN, "SEC"))


def test_an_address_that_the_library_does_not_take_is_not_said_aloud(receiver: Receiver) -> None:
    robot = Robot(Way.DINGTALK, f"{TOKEN}!")
    got = deliver(robot, TEXT, homes={"dingtalk": receiver.home}, timeout=30.0)
    assert (got.outcome, got.no_such_address) == (Outcome.FAILED, True)
    assert TOKEN not in got.reply
