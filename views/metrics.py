"""Figures for a monitor, in the form that Prometheus reads."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from crm import clock
from crm.reminders.pulse import Pulse, pulse
from views.edge import settings

blueprint = Blueprint("metrics", __name__)


class _Reminders(Collector):
    """The outbox and the planning as they stand; the same whichever process is asked."""

    def __init__(self, found: Pulse) -> None:
        self.found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a figure."""
        mails = GaugeMetricFamily("crm_mails", "Mails in the outbox.", labels=["state"])
        for state, n in self.found.mails.items():
            mails.add_metric([state.value], n)
        yield mails
        reminders = GaugeMetricFamily("crm_reminders", "Reminders.", labels=["state"])
        for stands, n in self.found.reminders.items():
            reminders.add_metric([stands.value], n)
        yield reminders
        yield GaugeMetricFamily(
            "crm_oldest_unsent_mail_seconds",
            "How long the oldest mail that waits has been waiting; 0 when none does.",
            value=(self.found.oldest_unsent or timedelta()).total_seconds(),
        )
        if (last := self.found.last_planned) is not None:
            yield GaugeMetricFamily(
                "crm_seconds_since_planning",
                "How long ago planning last came to its end.",
                value=(clock.now() - last).total_seconds(),
            )
        yield GaugeMetricFamily(
            "crm_planning_late",
            "1 when a working day has passed without planning.",
            value=float(self.found.late_since is not None),
        )


@blueprint.get("/metrics")
def show() -> ResponseReturnValue:
    """The figures, for who may read them; for everybody else there is nothing here."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Reminders(pulse(clock.now())))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    """With a token whoever shows it; without one this machine, but for what a proxy passes on."""
    token = settings().metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and _is_here(request.remote_addr or "")


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
