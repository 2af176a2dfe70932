"""Refusals and mishaps as pages, or as JSON for who asks for it."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from crm.audit.recorder import plain
from crm.errors import Conflict, CrmError, NotFound, Refusal
from crm.formats import say
from crm.messages import msg
from models import db
from views import drafts
from views.edge import for_machines, page_of_form, settings

IMPORT_MAX_MB = 20
log = structlog.get_logger()

# What a machine that sends its request wrongly has to do about it.
_TO_MACHINES = {
    400: ("no_json", msg("请求的内容不是 JSON，请核对。")),
    404: ("not_found", msg("没有这条记录，也可能不归您看。")),
    405: ("method", msg("这个地址不支持这个方法，可用的在 Allow 里。")),
    413: ("too_large", msg("请求的内容太大，请分几次发送。")),
    415: ("media_type", msg("请用 Content-Type: application/json 发送。")),
}


def wants_json() -> bool:
    """Whether the caller asked for JSON rather than a page; the API knows nothing else."""
    return for_machines() or request.is_json or request.accept_mimetypes.best == "application/json"


def as_json(error: CrmError) -> dict[str, Any]:
    """The API's error shape: code, message, and each field's sentences."""
    said = error.message
    if for_machines() and said == NotFound().message:
        said = _TO_MACHINES[404][1]  # there is no page here
    if for_machines() and request.method == "GET" and said == Refusal({}).message:
        said = msg("请求里有写错的地方，请看标出的。")  # nothing was to be saved
    body: dict[str, Any] = {"code": error.code, "message": say(said), "errors": {}}
    if isinstance(error, Refusal):
        body["errors"] = {
            field: [say(text) for text in texts] for field, texts in error.errors.items()
        }
    if isinstance(error, Conflict):
        body["changed"] = {
            name: {"theirs": plain(theirs), "yours": plain(yours)}
            for name, (theirs, yours) in error.changed.items()
        }
    return body


def register(app: Flask) -> None:
    """Hang the handlers on the application."""
    app.register_error_handler(CrmError, refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _mishap)


def _answer(
    status: int, code: str, title: str, text: str, *, back: str | None = None
) -> ResponseReturnValue:
    if wants_json():
        return jsonify(code=code, message=f"{title} {text}", errors={}), status
    page = render_template("errors/page.html", title=title, text=text, status=status, back=back)
    return page, status


def refused(error: CrmError) -> ResponseReturnValue:
    """What a service would not do, as a page or as JSON; nothing of it is kept."""
    db.session.rollback()
    if wants_json():
        return jsonify(as_json(error)), error.status
    if error.status == 404:
        return _not_found()
    return render_template("errors/refused.html", error=error), error.status


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return refused(Conflict(msg("刚才有人改过这条记录。请刷新后再试，您填的还在。")))


def _expired(_error: CSRFError) -> ResponseReturnValue:
    if not for_machines() and request.endpoint != "security.login":
        if not current_user.is_authenticated and not wants_json():
            return drafts.sign_in_again()
        if not wants_json() and (again := drafts.press_again()) is not None:
            return again
    return _answer(
        400, "expired", _("页面放得太久了"), _("请返回上一页，刷新后再提交，您填的还在。")
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    status = error.code or 500
    if status < 400:
        return error
    if for_machines():
        return _to_machine(error, status)
    if status == 404:
        return _not_found()
    if status == 413:
        text = _("请上传 %(n)s MB 以内的文件。", n=_most_megabytes())
        return _answer(413, "too_large", _("文件太大"), text, back=page_of_form())
    if status == 405:
        answer = make_response(
            _answer(405, "method", _("这个地址不能这样用"), _("请从页面上的按钮操作。"))
        )
        answer.headers.extend(h for h in error.get_headers() if h[0] == "Allow")
        return answer
    return _answer(status, "http", _("没有办成"), _("请返回上一页再试一次。"))


def _to_machine(error: HTTPException, status: int) -> ResponseReturnValue:
    code, text = _TO_MACHINES.get(status, ("http", msg("没有办成，请核对后再试。")))
    answer = make_response(jsonify(code=code, message=say(text), errors={}), status)
    answer.headers.extend(h for h in error.get_headers() if h[0] in {"Allow", "Retry-After"})
    return answer


def _most_megabytes() -> int:
    """What this address lets through: a list to import, or any file where files are hung on."""
    imports = request.max_content_length == current_app.config["MAX_CONTENT_LENGTH"]
    return IMPORT_MAX_MB if imports else settings().upload_max_mb


def _not_found() -> ResponseReturnValue:
    return _answer(
        404,
        "not_found",
        _("找不到这一页"),
        _("它可能已合并，也可能不归您看。要看请找所属小分队队长。"),
    )


def _mishap(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.exception("mishap", error=repr(error), path=request.path)
    text = _("没有保存，您填的还在。请再试一次。编号 %(number)s", number=g.get("request_id", ""))
    return _answer(500, "mishap", _("我们这里出了问题"), text)
