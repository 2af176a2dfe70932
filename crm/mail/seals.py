"""Words in a link of a mail: what the link is for, for whom and until when, vouched for.

A word is signed with the application's key under a salt of its purpose, so that a link for one
thing opens no other. Nothing in it is secret; it only cannot be changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


class Changed(Exception):
    """The word is not one of ours."""


class Expired(Exception):
    """It was good until a moment that has passed."""


@dataclass(frozen=True)
class Sealed:
    """Whose link it is, and what else it was made with."""

    person_id: int
    values: list[Any]


def seal(purpose: str, person_id: int, until: datetime, values: list[Any]) -> str:
    """A word for a link that this person may use for this purpose until that moment."""
    return str(_signer(purpose).dumps([person_id, until.isoformat(), *values]))


def unseal(purpose: str, word: str, now: datetime) -> Sealed:
    """What a word says. Raises Changed and Expired."""
    try:
        person_id, until, *values = _signer(purpose).loads(word)
    except (BadSignature, ValueError):
        raise Changed from None
    if datetime.fromisoformat(until) <= now:
        raise Expired
    return Sealed(person_id, values)


def digest(purpose: str, word: str) -> str:
    """Under which a word that was used is remembered.

    Of what is signed alone: a signature can be spelt in more ways than one.
    """
    signed = word.rpartition(".")[0]
    return hashlib.sha256(f"{purpose} {signed}".encode()).hexdigest()


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"mail {purpose}")
