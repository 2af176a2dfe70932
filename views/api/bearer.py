"""Who asks, by a bearer token. No cookie opens anything here, so there is nothing to forge.

The address must not tell a stranger more than that a token is needed: unknown, expired, revoked
tokens and people who were switched off are answered alike.
"""

from __future__ import annotations

from flask import g, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm import access, audit, clock
from crm.access import tokens
from crm.access.sign_in import WINDOW
from crm.errors import Forbidden
from crm.messages import msg
from models import db, engine
from models.enums import ApiScope, Via
from views.api.answers import as_json

CHALLENGE = 'Bearer realm="api"'
LARGEST_BODY = 1024 * 1024
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def authenticate() -> Response | None:
    """Before every operation: name the actor of the request, or answer 401."""
    request.max_content_length = LARGEST_BODY
    scheme, _sep, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return _refused()
    now = clock.now()
    found = tokens.bearer(secret.strip(), now)
    if found is None:
        return _unknown()
    if not found.valid:
        return _refused('Bearer realm="api", error="invalid_token"')
    if tokens.wants_noting(found.token, now):
        _note_use(found.token.id)
        found = tokens.bearer(secret.strip(), now)
        if found is None:
            return _refused()
    g.actor = access.load_actor(found.user, clock.today())
    g.api_user, g.api_token = found.user, found.token
    audit.set_acting(audit.Acting(found.user.id, Via.API, request_id=g.request_id))
    if request.method not in _READS and found.token.scope is not ApiScope.WRITE:
        raise Forbidden(msg("这个令牌只能读，不能改。"))
    return None


def _note_use(token_id: int) -> None:
    """Seldom, in a transaction of its own: a reading request holds no write lock afterwards."""
    db.session.rollback()
    engine.set_writing(True)
    tokens.note_use(token_id, clock.now())
    db.session.commit()
    engine.set_writing(request.method not in _READS)


def _unknown() -> Response:
    db.session.rollback()
    engine.set_writing(True)
    must_wait = tokens.note_unknown(request.remote_addr or "", clock.now())
    db.session.commit()
    if not must_wait:
        return _refused('Bearer realm="api", error="invalid_token"')
    body = {"code": "too_many", "message": _("错的次数太多，请 15 分钟后再试。"), "errors": {}}
    answer = as_json(body, 429)
    answer.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return answer


def _refused(challenge: str = CHALLENGE) -> Response:
    body = {"code": "token", "message": _("请带上有效的访问令牌。"), "errors": {}}
    answer = as_json(body, 401)
    answer.headers["WWW-Authenticate"] = challenge
    return answer
