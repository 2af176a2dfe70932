"""People who do something at the same moment, each in a thread and transaction of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from crm import audit
from crm.access import Actor
from crm.errors import Conflict, Refusal
from models import db, engine
from models.enums import Via

Deed = Callable[[], Any]


def at_once(app: Flask, deeds: dict[str, tuple[Actor, Deed]]) -> dict[str, Any]:
    """What each got, by name: ``done``, or the Conflict or Refusal that told them."""
    start = threading.Barrier(len(deeds))
    got: dict[str, Any] = {}

    def work(name: str, actor: Actor, deed: Deed) -> None:
        engine.set_writing(True)
        audit.set_acting(audit.Acting(actor.id, Via.WEB))
        with app.app_context():
            start.wait()
            try:
                deed()
                db.session.commit()
                got[name] = "done"
            except (Conflict, Refusal) as told:
                db.session.rollback()
                got[name] = told

    threads = [
        threading.Thread(target=work, args=(name, actor, deed))
        for name, (actor, deed) in deeds.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return got
