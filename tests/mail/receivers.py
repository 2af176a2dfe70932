"""A real HTTP server that takes what a messenger's robot is told, and answers as told."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OK = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}


@dataclass(frozen=True)
class Taken:
    """A request: its path, what stands in its address, and its body."""

    path: str
    query: dict[str, str]
    body: dict[str, Any]


class Receiver:
    """Keeps what it takes; ``answer`` is the body and ``status`` its code, ``cut`` hangs up."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.answer: Any = OK
        self.status = 200
        self.cut = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                address = urlsplit(self.path)
                query = {name: found[0] for name, found in parse_qs(address.query).items()}
                body = json.loads(self.rfile.read(length))
                receiver.taken.append(Taken(address.path, query, body))
                if receiver.cut:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = receiver.answer
                said = content if isinstance(content, str) else json.dumps(content)
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(said.encode())))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        return Handler

    @property
    def home(self) -> str:
        """What stands in ``CRM_MESSENGERS``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def texts(self) -> list[str]:
        """What was written, whichever messenger's shape it has."""
        return [
            str(body["content"]["text"] if "content" in body else body["text"]["content"])
            for body in (one.body for one in self.taken)
        ]

    def start(self) -> None:
        """Listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
