"""A machine that talks to the API with a person's token."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from crm import clock
from crm.access import tokens
from models import db
from models.enums import ApiScope
from models.user import User
from tests.clients import Client

ROOT = "/api/v1"


class Machine:
    """Sends JSON with a bearer token."""

    def __init__(self, app: Flask, secret: str = "", *, lang: str = "zh") -> None:
        self.http, self.secret, self.lang = Client(app), secret, lang

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request; ``If_Match`` stands for If-Match. A body of bytes is a file."""
        given = {"Accept-Language": self.lang}
        if self.secret:
            given["Authorization"] = f"Bearer {self.secret}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {} if body is None else {"json": body}
        if isinstance(body, bytes):
            options = {"data": body, "content_type": "application/octet-stream"}
        return self.http.send(method, ROOT + path, headers=given, **options)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Make."""
        return self.send("POST", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        """Take away."""
        return self.send("DELETE", path, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Change."""
        return self.send("PATCH", path, body, **headers)


def machine_of(
    app: Flask, user: User, scope: ApiScope = ApiScope.WRITE, *, lang: str = "zh"
) -> Machine:
    """A machine with a token of that person."""
    made = tokens.issue(user, "测试", now=clock.now(), scope=scope)
    # Noted as used, so that no request has to.
    made.token.last_used_at = clock.now()
    db.session.commit()
    return Machine(app, made.secret, lang=lang)
