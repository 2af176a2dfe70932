"""How the pages are served; several machines may serve from one PostgreSQL."""

from __future__ import annotations

import os
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 20
keepalive = 5
# An upload is held to the limit that the application sets; a header needs less.
limit_request_field_size = 8190
# 500 Chinese characters in an address, as they are typed into a search, are 4,500 bytes of it.
limit_request_line = 8190
# The control socket would stand in the home folder of whoever runs this.
control_socket_disable = True
loglevel = os.environ.get("LOG_LEVEL", "warning")


def post_worker_init(worker: Any) -> None:
    """Each process that serves pages looks whether somebody plans the reminders."""
    from crm.jobs.watch import watch  # noqa: PLC0415 (after the fork)

    watch(worker.wsgi)
