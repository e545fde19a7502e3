"""`agtop scan`, `register` and `forget`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agtop import paths
from agtop.errors import AgtopError, RefusedError, UsageError
from agtop.model import Process
from agtop.registry import Contents, Entry, Origin, checked_label, label_of
from agtop.text import cut, fit, line, width
from agtop.units import UNKNOWN, age
from agtop.verbs.means import OK, Means
from agtop.verbs.targets import anywhere, from_vitals, pid_of, process_of, registered

HEADER = ("PID", "NAME", "AGENT", "ROLE", "AGE", "DIRECTORY", "COMMAND")
DIRECTORY = 40
COMMAND = 120


def scan(means: Means, everything: bool = False, register: bool = False) -> int:
    """List the agents that run; with `everything` their helpers and servers too."""
    contents = registered(means)
    found = [p for p in means.sample() if everything or _role(p) == "session"]
    new = _unnamed(found, contents, means) if register else []
    if new:
        contents = means.registry.register(new)
    shown = [*found, *_others(contents, found, means)]
    for row in _table([_row(p, contents, means.now) for p in shown], means.cells) if shown else ():
        means.say(row)
    _conclude(means, contents, len(shown), everything)
    if register:
        names = ", ".join(entry.name for entry in new)
        means.say(f"registered {names}" if new else "there was nothing new to register")
    return OK


def _unnamed(found: Iterable[Process], contents: Contents, means: Means) -> list[Entry]:
    """What this user runs and has given no name yet."""
    return [
        _entry(process, means, "scan")
        for process in found
        if _entry_of(process, contents) is None
        and means.me.objection(process.pid, means.processes.owner(process.pid)) is None
    ]


def register(target: str, label: str | None, means: Means) -> int:
    """Give a process a name: any of this user's, an agent's or not."""
    process = _any_process(target, means)
    objection = means.me.objection(process.pid, means.processes.owner(process.pid))
    if objection is not None:
        raise RefusedError(f"{process.name} (pid {process.pid}) {objection}; it gets no name")
    entry = _entry(process, means, "hand", None if label is None else checked_label(label))
    means.registry.register([entry])
    means.say(f"registered {entry.name}: {_agent(process)}, pid {entry.pid}")
    return OK


def forget(targets: Sequence[str], means: Means) -> int:
    """Take names back; the processes go on. Raises AgtopError before any is taken."""
    contents = means.registry.read()
    gone: list[Entry] = []
    for word in targets:
        pid = int(word) if word.isdecimal() and len(word) <= 10 else None
        found = [each for each in contents.entries if each.pid == pid] or contents.named(word)
        if not found:
            known = ", ".join(each.name for each in contents.entries) or "none"
            raise AgtopError(f'nothing is registered as "{word}"; there are: {known}')
        if len(found) > 1:
            names = " or ".join(each.name for each in found)
            raise UsageError(f'"{word}" could be {names}; name one')
        gone += found
    means.registry.forget(gone)
    means.say(f"forgot {', '.join(dict.fromkeys(each.name for each in gone))}")
    return OK


def _any_process(target: str, means: Means) -> Process:
    if not target.isdecimal():
        return process_of(target, means)
    pid = pid_of(target)
    found = anywhere(pid, means.sample()) or from_vitals(pid, means)
    if found is None:
        raise RefusedError(f"there is no process {pid}; agtop scan lists the agents' own")
    return found


def _entry(process: Process, means: Means, origin: Origin, label: str | None = None) -> Entry:
    recognition = process.recognition
    return Entry(
        label or label_of(recognition.agent if recognition else process.name),
        process.pid,
        process.started_at,
        process.start_ticks,
        recognition.agent if recognition else None,
        recognition.session_id if recognition else None,
        means.now,
        origin,
    )


def _entry_of(process: Process, contents: Contents) -> Entry | None:
    which = (*process.identity, process.start_ticks)
    return next((each for each in contents.entries if each.is_of(*which)), None)


def _others(contents: Contents, found: Iterable[Process], means: Means) -> list[Process]:
    """Those with a name that the scan itself does not show."""
    shown = {process.pid for process in found}
    pids = [each.pid for each in contents.entries if each.pid not in shown]
    sample = means.sample() if pids else ()
    known = (anywhere(pid, sample) or from_vitals(pid, means) for pid in pids)
    return [process for process in known if process is not None and process.pid not in shown]


def _conclude(means: Means, contents: Contents, shown: int, everything: bool) -> None:
    if not shown:
        also = "" if everything else "; scan --all shows helpers and servers too"
        means.say(f"no agent is running{also}")
    if contents.corrupt:
        many = "1 line" if contents.corrupt == 1 else f"{contents.corrupt} lines"
        means.say(f"{paths.short(str(means.registry.path))}: {many} skipped that make no sense")


def _row(process: Process, contents: Contents, now: float) -> tuple[str, ...]:
    entry = _entry_of(process, contents)
    return (
        str(process.pid),
        entry.name if entry else UNKNOWN,
        _agent(process),
        _role(process) or UNKNOWN,
        age(now - process.started_at),
        cut(paths.short(process.cwd) if process.cwd else UNKNOWN, DIRECTORY),
        cut(line(" ".join(process.argv)) or process.name, COMMAND),
    )


def _role(process: Process) -> str | None:
    return process.recognition.role if process.recognition else None


def _agent(process: Process) -> str:
    return process.recognition.agent if process.recognition else process.name


def _table(rows: Sequence[Sequence[str]], cells: int | None) -> list[str]:
    whole = [[line(cell) for cell in row] for row in (HEADER, *rows)]
    sizes = [max(width(row[n]) for row in whole) for n in range(len(HEADER))]
    lines = [
        "  ".join(fit(cell, size, right=n == 0) for n, (cell, size) in enumerate(pairs)).rstrip()
        for pairs in (list(zip(row, sizes, strict=True)) for row in whole)
    ]
    return [cut(each, cells) for each in lines] if cells else lines
