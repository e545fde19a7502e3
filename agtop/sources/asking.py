"""Asks Codex's app server whether it is ready and how much it has; nothing is ever asked to change.

Only read-only methods that list are called, and of their answers only the lengths are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any, cast

from agtop import __version__
from agtop.sources.app_server import COUNTERS, AppServer, State
from agtop.sources.endpoint import Endpoint, RejectedError, UnsupportedError, endpoint
from agtop.sources.wire import RefusedError, Wire, WireError

HEALTH_WITHIN = 1.0
RPC_WITHIN = 2.0
PAGES_MOST = 20

_LISTS: Mapping[str, str] = {
    "thread/loaded/list": "loadedThreads",
    "model/list": "models",
    "app/list": "apps",
}
"""Method → the counter of what it lists. Plugins have none that is meant to be called, and MCP
resources would make the server ask every MCP server for all it has."""
_MCP = "mcpServerStatus/list"
_AUTH = re.compile(r"\bauth|unauthori[sz]ed|forbidden|log ?in\b|credential", re.IGNORECASE)


class RpcError(Exception):
    """The server answered with an error."""

    def __init__(self, code: object, message: object) -> None:
        super().__init__(code)
        self.needs_auth = isinstance(message, str) and _AUTH.search(message) is not None


def probe(url: str | None) -> AppServer:
    """Ask the server at `url`: whether it is there, and how much it has of each kind.

    Takes three seconds at most, whatever answers.
    """
    if not url:
        return AppServer("missing")
    try:
        where = endpoint(url)
    except RejectedError:
        return AppServer("rejected")
    except UnsupportedError:
        return AppServer("unsupported")
    health = _health(where)
    return AppServer(health) if health != "ready" else _counted(where)


def _health(where: Endpoint) -> State:
    try:
        with closing(Wire(where, HEALTH_WITHIN)) as wire:
            status, _ = wire.get("/readyz", "Connection: close\r\n")
    except TimeoutError:
        return "timeout"
    except OSError:
        return "unavailable"
    except WireError:
        return "unsupported"
    if status in (401, 403):
        return "auth_required"
    if status >= 500:
        return "unavailable"
    return "ready" if status == 200 else "unsupported"


def _counted(where: Endpoint) -> AppServer:
    """The server is there: how much it has."""
    counters: dict[str, int | None] = dict.fromkeys(COUNTERS)
    warnings: list[str] = []
    try:
        with closing(Wire(where, RPC_WITHIN)) as wire:
            wire.upgrade()
            rpc = Rpc(wire)
            rpc.begin()
            _count(rpc, counters, warnings)
            with suppress(OSError):
                wire.goodbye()
    except RefusedError as error:
        if error.status in (401, 403):
            return AppServer("auth_required", "failed")
        warnings.append("it is there, but answers no questions over a WebSocket")
    except RpcError as error:
        if error.needs_auth:
            return AppServer("auth_required", "failed")
        warnings.append("it is there, but would not begin to answer questions")
    except TimeoutError:
        warnings.append("it did not answer all questions in time")
    except (WireError, OSError):
        warnings.append("it broke off in the middle of an answer")
    if not warnings:
        return AppServer("ready", "ok", counters)
    is_any = any(count is not None for count in counters.values())
    return AppServer("degraded", "partial" if is_any else "failed", counters, tuple(warnings))


def _count(rpc: Rpc, counters: dict[str, int | None], warnings: list[str]) -> None:
    for method, name in _LISTS.items():
        found = _listed(rpc, method, {}, warnings)
        counters[name] = None if found is None else len(found)
    servers = _listed(rpc, _MCP, {"detail": "toolsAndAuthOnly"}, warnings)
    if servers is not None:
        counters["mcpServers"] = len(servers)
        counters["mcpTools"] = sum(_tools(server) for server in servers)


def _listed(
    rpc: Rpc, method: str, params: dict[str, Any], warnings: list[str]
) -> list[object] | None:
    try:
        return rpc.pages(method, params)
    except RpcError as error:
        why = "needs a login" if error.needs_auth else "was answered with an error"
    except ValueError:
        why = "was answered in a way this agtop does not know"
    warnings.append(f"{method} {why}")
    return None


def _tools(server: object) -> int:
    tools = cast("dict[str, Any]", server).get("tools") if isinstance(server, dict) else None
    return len(cast("dict[str, Any] | list[Any]", tools)) if isinstance(tools, dict | list) else 0


class Rpc:
    """Questions over a WebSocket, one after the other; whatever else is said is passed over."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._last = 0

    def begin(self) -> None:
        """Introduce agtop: nothing else is answered before."""
        client = {"name": "agtop", "title": "agtop", "version": __version__}
        self.ask("initialize", {"clientInfo": client})
        self._say({"method": "initialized"})

    def pages(self, method: str, params: dict[str, Any]) -> list[object]:
        """Everything a method lists. Raises RpcError, and ValueError for what is no list."""
        found: list[object] = []
        cursor: object = None
        for _ in range(PAGES_MOST):
            more = {} if cursor is None else {"cursor": cursor}
            result = self.ask(method, {**params, **more})
            data = result.get("data")
            if not isinstance(data, list):
                raise ValueError(method)
            found += cast("list[object]", data)
            following = result.get("nextCursor")
            if following is None:
                return found
            if following == cursor:
                break
            cursor = following
        raise ValueError(method)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Raises RpcError."""
        self._last += 1
        self._say({"id": self._last, "method": method, "params": params})
        while True:
            answer = _object(self._wire.hear())
            if answer.get("id") != self._last or "method" in answer:
                continue
            error = answer.get("error")
            if error is not None:
                told = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
                raise RpcError(told.get("code"), told.get("message"))
            result = answer.get("result")
            return cast("dict[str, Any]", result) if isinstance(result, dict) else {}

    def _say(self, message: dict[str, Any]) -> None:
        self._wire.say(json.dumps(message).encode())


def _object(data: bytes) -> dict[str, Any]:
    """A JSON object; an empty one where it is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
