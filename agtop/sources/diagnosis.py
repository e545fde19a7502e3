"""What state an agent's files are in, what is wrong with them, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agtop.model import Readiness, Record, SourceReport, StrayReason, Unread, WarningCode
from agtop.sources.usage import ModelUse

SKEW = 300.0
"""Seconds a record may be ahead of this clock before that is worth telling."""

_DEGRADING: frozenset[WarningCode | None] = frozenset(
    {
        "malformed_row",
        "unsupported_row",
        "file_byte_limit",
        "unreadable_path",
        "unexpected_file_kind",
    }
)


class Finding(Record):
    """Something wrong with one agent's files or processes."""

    code: WarningCode | None
    """None for what no code of the contract stands for."""
    count: int
    text: str
    """What is wrong, in words of agtop's own."""
    advice: str
    details: tuple[str, ...] = ()
    """Which ones: paths, ids and sentences from outside. Never to leave the machine."""


class Diagnosis(Record):
    """An agent's files, examined."""

    report: SourceReport
    readiness: Readiness
    reason: str
    """A sentence: why it is called so, in words of agtop's own."""
    findings: tuple[Finding, ...] = ()


def diagnose(report: SourceReport, uses: Sequence[ModelUse], now: float) -> Diagnosis:
    """Judge what was found of one agent.

    Args:
        uses: what was used of which model, of whatever agent.
        now: when it was found.
    """
    findings = tuple(_findings(report, uses, now))
    readiness, reason = _readiness(report, findings)
    return Diagnosis(report, readiness, reason, findings)


# ---- the state: missing before empty before degraded before ready


def _readiness(report: SourceReport, findings: Sequence[Finding]) -> tuple[Readiness, str]:
    if not report.looked:
        return "pending", "it was not looked for yet"
    if not report.files:
        return _without_files(report, findings)
    if report.is_first_reading:
        read = report.files - report.waiting
        return "pending", f"{read:,} of {many(report.files, 'file')} read so far"
    is_blank = not report.records and not report.skipped
    if is_blank and not report.unread and not report.strangers:
        return "empty", f"{many(report.files, 'file')}, with nothing recorded"
    wrong = [finding.text for finding in findings if finding.code in _DEGRADING]
    if wrong:
        return "degraded", "; ".join(wrong)
    return "ready", f"{many(report.sessions, 'session')} read"


def _without_files(report: SourceReport, findings: Sequence[Finding]) -> tuple[Readiness, str]:
    is_there = [root.exists for root in report.roots]
    if not is_there:
        return "unknown", "it keeps no files in a place of its own; it is seen while it runs"
    if not any(is_there):
        if None in is_there:
            return "unknown", "where it keeps its files cannot be looked into"
        return "missing", "nothing of it is in any of the places it keeps its files in"
    if any(finding.code == "unreadable_path" for finding in findings):
        return "unknown", "a folder it keeps its files in cannot be read"
    if report.strangers:
        return "degraded", _strangers(report.strangers).text
    return "empty", "its folder is there, without any session"


# ---- what is wrong


def _findings(report: SourceReport, uses: Sequence[ModelUse], now: float) -> Iterator[Finding]:
    yield from _unread_sessions(report)
    yield from _broken_paths(report)
    if report.is_first_reading:
        yield Finding(
            "session_file_limit",
            report.waiting,
            f"{many(report.waiting, 'file')} still to be read",
            "wait: the newest come first, and the figures grow until all are read",
        )
    if report.newest is not None and report.newest > now + SKEW:
        yield Finding(
            "clock_skew",
            1,
            "its newest record is of a time that is yet to come",
            "set the clock of the machine that wrote it, or of this one",
        )
    yield from _unpriced(report, uses)
    if report.expiring and report.retention is not None:
        yield Finding(
            None,
            report.expiring,
            f"{many(report.expiring, 'file')} about to be deleted by the agent itself, which keeps"
            f" them for {report.retention:g} days",
            "agtop goes on knowing what they used, but not what they said; let the agent keep them"
            " longer, or copy them",
        )
    yield from _strays(report)


def _unread_sessions(report: SourceReport) -> Iterator[Finding]:
    broken = [each for each in report.unread if each.code == "malformed_row"]
    if broken:
        lines = sum(each.lines for each in broken)
        yield Finding(
            "malformed_row",
            lines,
            f"{many(lines, 'line')} of {many(_sessions(broken), 'session')} could not be read",
            "the rest of them counts; if their agent is newer than agtop, update agtop",
            _details(broken),
        )
    strange = [each for each in report.unread if each.code == "unsupported_row"]
    if strange:
        yield Finding(
            "unsupported_row",
            len(strange),
            f"{many(_sessions(strange), 'session')} could be read in part only",
            "do what is said of each; if their agent is newer than agtop, update agtop",
            _details(strange),
        )
    long = [each for each in report.unread if each.code == "file_byte_limit"]
    if long:
        yield Finding(
            "file_byte_limit",
            len(long),
            f"{many(_sessions(long), 'session')} in files too long to be read",
            "begin new sessions; what these hold is missing from every figure",
            _details(long),
        )


def _broken_paths(report: SourceReport) -> Iterator[Finding]:
    failed = [each for each in report.unread if each.code == "unreadable_path"]
    details = tuple(dict.fromkeys(f"{each.transcript}: {each.reason}" for each in failed))
    details += _problems(report, "unreadable_path")
    if details:
        yield Finding(
            "unreadable_path",
            len(details),
            f"{many(len(details), 'file or folder', 'files or folders')} could not be read",
            "let your user read them, or update agtop where their agent is newer: what they hold"
            " is missing from every figure",
            details,
        )
    if report.strangers:
        yield _strangers(report.strangers)
    strange = _problems(report, "unexpected_file_kind")
    if strange:
        yield Finding(
            "unexpected_file_kind",
            len(strange),
            f"{many(len(strange), 'entry', 'entries')} among its files cannot be a transcript",
            "move them away: a pipe or a device is never read",
            strange,
        )


def _strangers(paths: tuple[str, ...]) -> Finding:
    return Finding(
        "unexpected_file_kind",
        len(paths),
        f"{many(len(paths), 'file')} may hold sessions in a form agtop does not know",
        "if their agent is newer than agtop, update agtop; else they are not its",
        paths,
    )


def _unpriced(report: SourceReport, uses: Sequence[ModelUse]) -> Iterator[Finding]:
    found = [use for use in uses if use.agent == report.agent and use.cost is None]
    if found:
        tokens = sum(use.tokens.total for use in found)
        yield Finding(
            "unknown_price",
            len(found),
            f"{many(len(found), 'model')} without a known price, {many(tokens, 'token')}",
            "costs leave them out; give them a price under [prices] in config.toml",
        )


_STRAYS: dict[StrayReason, tuple[str, str, str]] = {
    "unwritten": (
        "with no transcript yet",
        "most agents begin one with the first prompt; some were told to keep none",
        "no transcript of it was found",
    ),
    "ambiguous": (
        "that may serve one of several sessions",
        "give each a directory of its own, or resume by the session's id, and it can be told",
        "several sessions, or processes, come into question",
    ),
    "elsewhere": (
        "with files in another place",
        "run agtop in the same home, or name their folder under [roots] in config.toml",
        "its home or its agent's own setting is another",
    ),
}


def _strays(report: SourceReport) -> Iterator[Finding]:
    for reason, (words, advice, said) in _STRAYS.items():
        pids = [stray.pid for stray in report.strays if stray.reason == reason]
        if pids:
            text = f"{many(len(pids), 'live process', 'live processes')} {words}"
            details = tuple(f"process {pid}: {said}" for pid in pids)
            yield Finding(None, len(pids), text, advice, details)


def _sessions(unread: Sequence[Unread]) -> int:
    return len({each.session_id for each in unread})


def _details(unread: Sequence[Unread]) -> tuple[str, ...]:
    return tuple(f"{each.session_id}: {each.reason}" for each in unread)


def _problems(report: SourceReport, code: WarningCode) -> tuple[str, ...]:
    return tuple(f"{path}: {said}" for each, path, said in report.problems if each == code)


def many(count: int, one: str, several: str = "") -> str:
    """`1 file`, `1,200 files`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
