"""The verbs `agtop bus tail`, `bus publish` and `bus status`: one function each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from agtop.bus.client import condition, publish, subscribe
from agtop.bus.message import Message, dump
from agtop.bus.paths import socket_path
from agtop.errors import UsageError
from agtop.text import line, printable

OK, FAILED = 0, 1
NOBODY = "nobody listens, so nobody got it; the full screen and agtop bus tail do"
UNKNOWN = "–"
SPEAKER = "AGTOP_AGENT"
"""The variable that says who publishes."""


def tail(topics: Sequence[str] = (), last: int = 0, *, as_json: bool = False) -> int:
    """Print what agents say until interrupted, and host the bus when nobody else does."""
    with subscribe(*topics, last=last) as messages:
        if sys.stderr.isatty():
            _note(f"listening at {socket_path()}; ctrl+c ends")
        missed = 0
        try:
            for message in messages:
                _write(dump(message.fields()).decode("ascii") if as_json else row(message) + "\n")
                if messages.dropped > missed:
                    _note(f"{messages.dropped - missed} messages were missed, they came too fast")
                    missed = messages.dropped
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                _note("detached")
    return OK


def send(
    summary: str,
    topic: str,
    *,
    path: str | None = None,
    agent: str | None = None,
    source: str | None = None,
    data: str | None = None,
) -> int:
    """Publish one message; that nobody listens is worth a word and no failure."""
    if publish(message(summary, topic, path, agent, source, data)) == 0:
        _note(NOBODY)
    return OK


def message(
    summary: str,
    topic: str,
    path: str | None,
    agent: str | None,
    source: str | None,
    data: str | None,
) -> Message:
    """The message that these flags make. Raises BusError, UsageError."""
    return Message(
        agent=agent or os.environ.get(SPEAKER) or f"shell:{os.getppid()}",
        topic=topic,
        summary=summary,
        path=path,
        source=source,
        data=_data(data),
    )


def published(said: Message, path: Path) -> str:
    """Publish it, and tell who got it. Raises BusError."""
    count = publish(said, path)
    if not count:
        return NOBODY
    return f"published to {'1 listener' if count == 1 else f'{count} listeners'}: {said.summary}"


def status(*, as_json: bool = False) -> int:
    """Print how the bus does; fails when nobody hosts it."""
    if as_json:
        found = condition()
        _write(dump({"socket": str(socket_path()), "host": found and _host(found)}).decode("ascii"))
        return OK if found is not None else FAILED
    told, is_hosted = condition_told(socket_path())
    _write("".join(f"{each}\n" for each in told))
    return OK if is_hosted else FAILED


def condition_told(path: Path) -> tuple[list[str], bool]:
    """How the bus does, line by line, and whether anybody hosts it."""
    found = condition(path)
    if found is None:
        return [f"{printable(str(path))}: nobody hosts the bus; agtop bus tail would"], False
    return [f"{name:<12} {line(value)}" for name, value in _facts(found, path)], True


def row(message: Message) -> str:
    """One message as one printable line."""
    about = f"{line(message.path)} — " if message.path else ""
    who = f"{line(message.topic):<10} {line(message.agent)}"
    return f"{_clock(message.timestamp)} {who}  {about}{line(message.summary)}"


def _clock(timestamp: str | None) -> str:
    try:
        return datetime.fromisoformat(timestamp or "").astimezone().strftime("%H:%M:%S")
    except (ValueError, OverflowError):
        return f"{UNKNOWN:^8}"


def _host(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name != "hello"}


def _facts(found: dict[str, object], path: Path) -> list[tuple[str, str]]:
    began_at = found.get("began_at")
    since = None
    if isinstance(began_at, int | float):
        since = datetime.fromtimestamp(began_at).isoformat(" ", "seconds")
    lost = ("dropped", "malformed", "oversize")
    return [
        ("socket", str(path)),
        ("host", f"pid {found.get('pid', UNKNOWN)} since {since or UNKNOWN}"),
        ("subscribers", str(found.get("subscribers", UNKNOWN))),
        ("relayed", str(found.get("relayed", UNKNOWN))),
        ("left out", ", ".join(f"{found.get(name, UNKNOWN)} {name}" for name in lost)),
    ]


def _data(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("--data is not JSON; write an object such as '{\"line\": 42}'") from None
    if not isinstance(value, dict):
        raise UsageError("--data is an object such as '{\"line\": 42}'")
    return cast("dict[str, object]", value)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _note(sentence: str) -> None:
    try:
        sys.stderr.write(f"agtop: {line(sentence)}\n")
    except OSError:
        pass  # nobody listens
