"""What was found of one agent, told from what the last round left; nothing is looked for anew."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from agtop.agents.document import TOO_LONG
from agtop.agents.walk import NOT_A_FILE
from agtop.collector.source import Source
from agtop.correlate import Binding
from agtop.model import (
    Problem,
    Process,
    Reading,
    Record,
    Root,
    SourceReport,
    Stray,
    Unread,
    WarningCode,
)

SOON = 5.0
"""Days before a transcript is deleted in which that is worth telling."""
_PACKED = frozenset({".zst", ".gz"})


_CODES: Mapping[str, WarningCode] = {TOO_LONG: "file_byte_limit"}
"""What meters say of a session that has a code of its own."""


class Round(Record):
    """What the last round left that belongs to no single agent."""

    ours: Sequence[Process] = ()
    elsewhere: Sequence[Process] = ()
    """Processes of agents that keep their files in another place."""
    bindings: Mapping[str, Binding] | None = None
    """None before the first round."""
    problems: Sequence[Problem] = ()
    """With the agents' own notes of their processes."""
    has_read_all: bool = False
    """Some round came to the end of the files."""


def report(source: Source, last: Round, now: float) -> SourceReport:
    """What is known of the agent's files."""
    agent, transcripts = source.agent, source.transcripts
    files = transcripts.files
    readings = list(transcripts.readings)
    kept = _retention(source)
    own = [process for process in last.ours if _serves(process, agent.name)]
    return SourceReport(
        agent.name,
        agent.label,
        agent.capabilities,
        agent.meter_version,
        roots=tuple(_root(root, files, agent.written_by is None) for root in source.roots),
        looked=last.bindings is not None,
        files=len(files),
        waiting=transcripts.unread,
        is_first_reading=bool(transcripts.unread) and not last.has_read_all,
        sessions=source.count,
        subagents=sum(reading.parent_id is not None for reading in readings),
        records=sum(reading.records for reading in readings),
        skipped=sum(reading.skipped for reading in readings),
        partial=sum(reading.partial for reading in readings),
        retention=kept,
        expiring=_expiring(readings, kept, now),
        newest=max((r.last_active for r in readings if r.last_active is not None), default=None),
        versions=_versions(readings),
        formats=tuple(Counter(map(_format, files)).most_common()),
        strangers=_strangers(source, readings),
        problems=_problems(source, last.problems),
        unread=tuple(_unread(readings, transcripts.failed)),
        processes=len(own),
        strays=_strays(agent.name, own if source.roots else (), last),
    )


# ---- files


def _root(root: Path, files: Iterable[str], is_its_own: bool) -> Root:
    """
    Args:
        is_its_own: the agent made the folder; else it is nothing of the agent's until it holds
            one of its files.
    """
    path = str(root)
    below = path if path.endswith(os.sep) else path + os.sep
    count = sum(file.startswith(below) or file == path for file in files)
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Root(path, False, count)
    except (OSError, ValueError):
        return Root(path, None, count)
    return Root(path, is_its_own or count > 0, count)


def _strangers(source: Source, readings: Sequence[Reading]) -> tuple[str, ...]:
    """What lies beside is of interest where nothing was found, in folders that are its own."""
    if source.agent.written_by is not None or any(reading.records for reading in readings):
        return ()
    known = {problem.source for problem in source.transcripts.folder_problems}
    return tuple(sorted(set(source.transcripts.strangers) - known))


def _retention(source: Source) -> float | None:
    """The shortest of its folders."""
    days = [days for root in source.roots if (days := source.agent.retention(root)) is not None]
    return min(days, default=None)


def _expiring(readings: Iterable[Reading], days: float | None, now: float) -> int:
    """Transcripts whose last record is nearly as old as the agent lets them become."""
    if days is None:
        return 0
    latest: dict[str, float] = {}
    for reading in readings:
        if reading.transcript and reading.last_active is not None:
            known = latest.get(reading.transcript, reading.last_active)
            latest[reading.transcript] = max(known, reading.last_active)
    return sum(last < now - (days - SOON) * 86400 for last in latest.values())


def _format(path: str) -> str:
    """`jsonl`, `jsonl.zst`, `db`; the name of a file that has no other kind."""
    name = os.path.basename(path)
    stem, last = os.path.splitext(name)
    if last in _PACKED:
        last = os.path.splitext(stem)[1] + last
    return last.removeprefix(".") or name


def _versions(readings: Iterable[Reading]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    newest: dict[str, float] = {}
    for reading in readings:
        if reading.version is not None:
            counts[reading.version] += 1
            last = reading.last_active or 0.0
            newest[reading.version] = max(last, newest.get(reading.version, last))
    return tuple((v, counts[v]) for v in sorted(counts, key=lambda v: (-newest[v], v)))


def _problems(
    source: Source, others: Iterable[Problem]
) -> tuple[tuple[WarningCode, str, str], ...]:
    tops = tuple(os.path.join(str(root), "") for root in source.roots)
    noted = [problem for problem in others if problem.source.startswith(tops)]
    return tuple(
        (_code(problem), problem.source, problem.message)
        for problem in dict.fromkeys((*source.transcripts.folder_problems, *noted))
    )


def _code(problem: Problem) -> WarningCode:
    return "unexpected_file_kind" if problem.message == NOT_A_FILE else "unreadable_path"


# ---- sessions


def _unread(readings: Iterable[Reading], failed: Mapping[str, Problem]) -> Iterator[Unread]:
    """The sessions that could not be read, or only in part."""
    for reading in readings:
        name, path = reading.session_id, reading.transcript
        if path in failed:
            yield Unread(name, path, "unreadable_path", failed[path].message)
            continue
        if reading.skipped:
            lines = "line was" if reading.skipped == 1 else "lines were"
            said = f"{reading.skipped:,} {lines} skipped"
            yield Unread(name, path, "malformed_row", said, reading.skipped)
        for said in reading.problems:
            yield Unread(name, path, _CODES.get(said, "unsupported_row"), said)


# ---- processes


def _strays(agent: str, own: Iterable[Process], last: Round) -> tuple[Stray, ...]:
    """Its processes without a session. One that keeps no files anywhere has none to miss."""
    bindings = last.bindings or {}
    served: set[int] = set()
    claimed: set[int] = set()
    for key, binding in bindings.items():
        process = binding.process
        if process is not None and key == f"{agent}:pid-{process.pid}":
            continue  # a row that stands for the process alone
        pids = {process.pid} if process is not None else set[int]()
        served |= pids
        (served if binding.match.confidence != "ambiguous" else claimed).update(
            binding.match.candidates
        )
    found = [
        Stray(process.pid, "ambiguous" if process.pid in claimed else "unwritten")
        for process in own
        if process.pid not in served
    ]
    found += [Stray(p.pid, "elsewhere") for p in last.elsewhere if _serves(p, agent)]
    return tuple(sorted(found, key=lambda stray: stray.pid))


def _serves(process: Process, agent: str) -> bool:
    found = process.recognition
    return found is not None and found.agent == agent and found.role == "session"
