"""A LiteLLM proxy on loopback that knows what was spent, and fails in every way that is asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "sk-a-secret-0123456789abcdef"
ACTIVITY, LOGS = "/user/daily/activity", "/spend/logs"


@dataclass
class Reply:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    """The line stays open after it."""


def reply(value: object, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


@dataclass
class Request:
    """What was asked, and with which key."""

    path: str
    query: dict[str, str]
    key: str | None


Answering = Callable[[Request], Reply]


def metrics(
    spend: object, given: object = 100, made: object = 10, requests: object = 1
) -> dict[str, Any]:
    return {
        "spend": spend,
        "prompt_tokens": given,
        "completion_tokens": made,
        "total_tokens": 0,
        "api_requests": requests,
    }


def day(date: str, models: dict[str, object], spend: object = None) -> dict[str, Any]:
    """A row of /user/daily/activity; without `spend` what its models say together."""
    whole = sum(float(str(each)) for each in models.values()) if spend is None else spend
    count = len(models)
    return {
        "date": date,
        "metrics": metrics(whole, 100 * count, 10 * count, count),
        "breakdown": {
            "models": {
                name: {"metrics": metrics(each), "metadata": {}} for name, each in models.items()
            },
            "api_keys": {
                KEY: {"metrics": metrics(1), "metadata": {"user_email": "me@example.org"}}
            },
        },
    }


def page(rows: list[Any], number: int = 1, pages: int = 1) -> dict[str, Any]:
    told = {"page": number, "total_pages": pages, "has_more": number < pages}
    return {"results": rows, "metadata": told}


def logged(date: str, models: dict[str, object], spend: object = None) -> dict[str, Any]:
    """A row of /spend/logs: LiteLLM puts the keys beside the rest."""
    whole = sum(float(str(each)) for each in models.values()) if spend is None else spend
    return {"startTime": date, "spend": whole, "models": models, KEY: whole, "users": {"u": 1}}


NOVEMBER = [
    day("2025-11-20", {"claude-opus-4-6": 4.0, "gpt-5.5": 1.5}),
    day("2025-11-19", {"claude-opus-4-6": 2.25}),
]
NOVEMBER_LOGGED = [
    logged("2025-11-19", {"claude-opus-4-6": 2.25}),
    logged("2025-11-20", {"claude-opus-4-6": 4.0, "gpt-5.5": 1.25}),
    logged("2025-11-21", {}, 0),
]


class LiteLLM:
    """Answers what was put into it, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.released = threading.Event()
        """Until then what is slow does not answer."""
        self.answers: dict[str, Answering] = {}
        self.base = ""
        self.pages([NOVEMBER])
        self.logs(NOVEMBER_LOGGED)

    def at(self, path: str, answering: Answering | Reply) -> None:
        self.answers[path] = answering if callable(answering) else lambda _: answering

    def pages(self, rows: list[list[Any]], path: str = ACTIVITY) -> None:
        def answering(request: Request) -> Reply:
            number = int(request.query["page"])
            return reply(page(rows[number - 1], number, len(rows)))

        self.at(path, answering)

    def logs(self, rows: object) -> None:
        self.at(LOGS, reply(rows))

    def slow(self, path: str) -> None:
        before = self.answers[path]

        def answering(request: Request) -> Reply:
            self.released.wait(20)
            return before(request)

        self.at(path, answering)

    def environ(self, path: str = "", key: str = KEY) -> dict[str, str]:
        return {"LITELLM_BASE_URL": f"{self.base}{path}", "LITELLM_API_KEY": key}

    def questions(self, path: str) -> list[dict[str, str]]:
        return [request.query for request in self.asked if request.path == path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: LiteLLM) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.proxy = proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up first is no fault."""


class _Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        request = Request(parts.path, dict(parse_qsl(parts.query)), self.headers["Authorization"])
        assert isinstance(self.server, _Server)
        proxy = self.server.proxy
        proxy.asked.append(request)
        answering = proxy.answers.get(parts.path, lambda _: Reply(b"{}", 404))
        told = answering(request)
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in told.headers:
            self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        self.wfile.write(told.body)
        if told.holds:
            self.wfile.flush()
            proxy.released.wait(20)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Generator[LiteLLM]:
    proxy = LiteLLM()
    server = _Server(proxy)
    scheme = "http"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    proxy.base = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
