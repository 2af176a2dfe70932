"""A client that sends the page's own token, as a browser would."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask, has_app_context, session
from flask_security import login_user
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from crm import audit
from models import db, engine
from models.enums import Via
from models.user import User

PASSWORD = "a-password-for-tests"
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"')


class Client:
    """Talks to the application as a browser would, cookies and CSRF token included."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http = app.test_client()
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        """Read a page and keep its token; a file that is sent along has none."""
        response = self.send("GET", path, **options)
        is_page = response.mimetype == "text/html"
        if is_page and (found := _TOKEN.search(response.get_data(as_text=True))):
            self.token = found.group(1) or found.group(2)
        return response

    def post(
        self, path: str, data: dict[str, Any] | bytes | None = None, **options: Any
    ) -> TestResponse:
        """Send a form, or JSON, with the token last seen."""
        headers = {"X-CSRFToken": self.token, **options.pop("headers", {})}
        return self.send("POST", path, data=data, headers=headers, **options)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """One request in a context of its own, as a server would give it.

        A test's own context would lend it ``g``, the session and its open transaction. What the
        test has made is committed first, and read anew when the test looks again.
        """
        _commit()
        with self.app.app_context():
            response = self.http.open(path, method=method, buffered=True, **options)
            # A large body waits in a file that the test client leaves to the collector.
            response.request.environ["wsgi.input"].close()
        # What the request set for its thread is not the test's.
        engine.set_writing(True)
        audit.set_acting(audit.Acting(None, Via.CLI))
        return response

    def sign_in(self, email: str) -> Client:
        """Stand where signing in by the form leaves one, without its three requests.

        The form itself is tried in views/test_sign_in.py and in a browser by browser/test_pages.py.
        """
        _commit()
        request = self.app.test_request_context(environ_base=self.http.environ_base)
        # In a context of its own: the test's would keep the token of whoever signed in before.
        with self.app.app_context(), request:
            login_user(db.session.scalars(sa.select(User).filter_by(email=email)).one())
            self.token = generate_csrf()
            signed_in = dict(session)
        with self.http.session_transaction() as kept:
            kept.update(signed_in)
        return self

    def sign_in_by_form(self, email: str, password: str = PASSWORD) -> Client:
        """Sign in by the form; fails loudly when it is refused."""
        self.get("/login")
        response = self.post("/login", {"email": email, "password": password})
        assert response.status_code == 302, response.get_data(as_text=True)
        self.get("/account")
        return self


def _commit() -> None:
    """What the test has made is there for others."""
    if has_app_context():
        db.session.commit()
