"""How answers leave: entity tags, pages, and one commit a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import request
from werkzeug.datastructures import ETags
from werkzeug.wrappers import Response

from crm import clock, idempotency
from crm.config import CODINGS
from crm.errors import CrmError, NotFound, Refusal
from crm.messages import Message, msg
from crm.paging import Page, decode, encode
from crm.paging import day as day  # noqa: PLC0414 (what checks cursors is found here)
from crm.paging import moment as moment  # noqa: PLC0414 (as above)
from crm.paging import row_key as row_key  # noqa: PLC0414 (as above)
from crm.paging import word as word  # noqa: PLC0414 (as above)
from models import db
from models.idempotency import KEY_LENGTH
from views.edge import settings
from views.guard import actor

T = TypeVar("T")

REPLAYED = "Idempotency-Replayed"
_NOT_THERE = {
    "lead": msg("没有这条线索，或不归您看。"),
    "leads": msg("没有这条线索，或不归您看。"),
    "company": msg("没有找到这家企业，请重新选。"),
}


class MatchRequired(CrmError):
    """A change of a record must say which state of it was read (428)."""

    code = "match_required"
    status = 428

    def __init__(self) -> None:
        super().__init__(msg("请带上 If-Match，值是您读到的 ETag。"))


class MatchFailed(CrmError):
    """The record is no longer what was read (412)."""

    code = "stale"
    status = 412

    def __init__(self) -> None:
        super().__init__(msg("您读过之后，有人改过这条记录。请重新读取再改。"))


class FileWanted(CrmError):
    """The body has to be a file as it is (415)."""

    code = "media_type"
    status = 415

    def __init__(self) -> None:
        super().__init__(msg("请用 Content-Type: application/octet-stream 发送文件本身。"))


def tag_of(dumped: dict[str, Any]) -> str:
    """The strong tag of a record: the digest of what is sent, behind its version where it has one.

    A version alone would not tell: a lead shows facts of its local company, which has its own.
    """
    digest = hashlib.sha256(_text(dumped).encode()).hexdigest()[:32]
    return f"{dumped['version']}-{digest}" if "version" in dumped else digest


def matched(hold: Callable[[], T], dump: Callable[[T], dict[str, Any]]) -> T:
    """The record of a change, held, once its If-Match names it as it stands.

    Held first and compared then: of two who read the same and send at once, the second waits here
    and is told. What reads the record before it is held may keep an earlier state of it.
    """
    record = hold()
    _require_match(dump(record))
    return record


def _require_match(dumped: dict[str, Any]) -> None:
    """Let a change through only by the record's tag or, where it has one, by its version."""
    if "If-Match" not in request.headers:
        raise MatchRequired
    given = request.if_match
    named = (tag_of(dumped), str(dumped.get("version", "")))
    if not given.star_tag and not any(tag and _strong(given, tag) for tag in named):
        raise MatchFailed


def _strong(given: ETags, tag: str) -> bool:
    """Whether the tag was given, as it is or as a compressed answer carried it."""
    carried = (tag, *(f"{tag}:{coding}" for coding in CODINGS))
    return any(given.is_strong(each) for each in carried)


def read(dumped: dict[str, Any]) -> Response:
    """A record that was read, or 304 when the reader has it as it stands."""
    tag = tag_of(dumped)
    has_it = request.if_none_match.contains_weak(tag)
    answer = Response(status=304) if has_it else as_json(dumped)
    answer.set_etag(tag)
    return answer


def changed(dumped: dict[str, Any]) -> Response:
    """A record as it stands after a change, which is committed here."""
    db.session.commit()
    answer = as_json(dumped)
    answer.set_etag(tag_of(dumped))
    return answer


def gone() -> Response:
    """Nothing: the record is no more, which is committed here (204)."""
    db.session.commit()
    return Response(status=204)


def as_json(dumped: Any, status: int = 200) -> Response:
    """JSON as all of the API writes it."""
    return Response(_text(dumped), status, mimetype="application/json")


def _text(dumped: Any) -> str:
    return json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))


def once(make: Callable[[], Response], body: bytes | None = None) -> Response:
    """Run what a POST does and commit it; with a key, what was done before is answered again.

    ``body`` stands for what was sent where that was read already.
    """
    key = request.headers.get(idempotency.HEADER)
    if key is None:
        answer = make()
        db.session.commit()
        return answer
    if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise Refusal({idempotency.HEADER: [msg("编号用 1 到 %(n)s 个英文字符。", n=KEY_LENGTH)]})
    content = request.get_data(cache=True) if body is None else body
    sent = (request.method, request.full_path, content)
    kept = settings().idempotency_kept
    taken, before = idempotency.take(actor().id, key, sent, clock.now(), kept=kept)
    if before:
        again = Response(taken.body, taken.status, mimetype="application/json")
        again.headers.update(taken.headers)
        again.headers[REPLAYED] = "true"
        return again
    answer = make()
    headers = {
        name: answer.headers[name] for name in ("ETag", "Location") if name in answer.headers
    }
    idempotency.keep(taken, answer.status_code, headers, answer.get_data(as_text=True))
    db.session.commit()
    return answer


def page(found: Page[Any], items: Sequence[Any]) -> dict[str, Any]:
    """A page of a list as every list has it."""
    return {"items": list(items), "next": found.next}


def all_of(items: Sequence[Any], query: dict[str, Any]) -> dict[str, Any]:
    """A short list that is read whole: one page, or the part by position that was asked for."""
    after = decode(check_cursor(query.get("cursor"), (row_key,)), (row_key,)) or [0]
    stop = after[0] + query.get("limit", len(items))
    return {
        "items": list(items[after[0] : stop]),
        "next": encode([stop]) if stop < len(items) else None,
    }


def check_cursor(cursor: str | None, kinds: Sequence[Callable[[Any], Any]]) -> str | None:
    """The cursor when a list gave it out; Refusal for any other."""
    if cursor and decode(cursor, kinds) is None:
        raise Refusal({"cursor": [msg("没有这一页，请从第一页重新读。")]})
    return cursor


def made(dumped: dict[str, Any], address: str) -> Response:
    """A record that was made, and where it is from now on (201)."""
    answer = as_json(dumped, 201)
    answer.set_etag(tag_of(dumped))
    answer.headers["Location"] = f"/api/v1/{address}"
    return answer


@contextmanager
def named(field: str) -> Iterator[None]:
    """What a body names at this field and the caller may not see is wrong there: the address, which
    404 speaks of, is right."""
    try:
        yield
    except NotFound:
        raise Refusal({field: [_NOT_THERE[field]]}) from None


def renamed(refusal: Refusal, names: dict[str, str]) -> Refusal:
    """The same refusal with the names of the API's fields."""
    errors: dict[str, list[Message]] = {}
    for name, texts in refusal.errors.items():
        errors.setdefault(names.get(name, name), []).extend(texts)
    return Refusal(errors, refusal.message, code=refusal.code)
