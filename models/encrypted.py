"""A column whose text only the application can read: a copy of the database alone shows nothing.

The key is drawn from ``SECRET_KEY``. No cipher is among the parts we ship, so the text is masked by
HMAC-SHA-256 of a nonce and a count (a pseudo-random function in counter mode is a stream cipher),
and the whole is vouched for by an HMAC of another key: first encrypted, then signed.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import count

import sqlalchemy as sa
from flask import current_app

_VERSION = "1:"
_NONCE = 16
_TAG = 32


def encrypt(text: str, key: str) -> str:
    """The text as it is stored; the same text never looks the same twice."""
    nonce = secrets.token_bytes(_NONCE)
    hidden = nonce + _masked(text.encode(), nonce, key)
    return _VERSION + urlsafe_b64encode(hidden + _tag(hidden, key)).decode()


def decrypt(kept: str, key: str) -> str | None:
    """The text again; None for what was not written with this key, or was changed since."""
    if not kept.startswith(_VERSION):
        return None
    try:
        whole = urlsafe_b64decode(kept.removeprefix(_VERSION))
    except ValueError:
        return None
    hidden, tag = whole[:-_TAG], whole[-_TAG:]
    if not hmac.compare_digest(tag, _tag(hidden, key)):
        return None
    nonce, content = hidden[:_NONCE], hidden[_NONCE:]
    return _masked(content, nonce, key).decode()


class Encrypted(sa.types.TypeDecorator[str]):
    """Text that is encrypted where it is stored. It can not be searched or compared there.

    What another key wrote reads as nothing, so a lost ``SECRET_KEY`` costs the text and no page.
    """

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Encrypt what is written."""
        return None if value is None else encrypt(value, str(current_app.secret_key))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Decrypt what is read."""
        return None if value is None else decrypt(value, str(current_app.secret_key)) or ""


def _masked(content: bytes, nonce: bytes, key: str) -> bytes:
    mask = b""
    for number in count():
        if len(mask) >= len(content):
            break
        mask += _drawn(key, "mask", nonce + number.to_bytes(8, "big"))
    return bytes(a ^ b for a, b in zip(content, mask, strict=False))


def _tag(hidden: bytes, key: str) -> bytes:
    return _drawn(key, "sign", hidden)


def _drawn(key: str, purpose: str, content: bytes) -> bytes:
    own = hmac.digest(key.encode(), f"column {purpose}".encode(), "sha256")
    return hmac.digest(own, content, "sha256")
