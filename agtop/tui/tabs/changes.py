"""Changes: the files a session wrote, who else did, and what git says changed since it began."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual import work
from textual.content import Content
from textual.message import Message
from textual.worker import Worker, get_current_worker  # pyright: ignore[reportUnknownVariableType]

from agtop.changes import Diff, diff_since
from agtop.model import Conflict, FileWrite, Session, Severity, WriteKind
from agtop.paths import short
from agtop.text import cut, cut_start, line, printable
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.facts import columns, heading, many, wrapped
from agtop.tui.tones import ACCENT, ALARM, GOOD, QUIET, STRONG, WARN
from agtop.tui.words import quiet, toned
from agtop.units import UNKNOWN, age, clock

Ask = Callable[[str, float, Callable[[], bool]], Diff]
"""(directory, since when, whether it is too late) → what changed there; takes seconds at most."""
LASTS = 10.0
"""Seconds for which a diff is good while the session lives."""
_FILES = 40
_LINES = 600
_SEVERE: dict[Severity, str] = {"high": ALARM, "medium": WARN, "low": QUIET}
_KINDS: dict[WriteKind | None, str] = {"create": "new", "delete": "gone", "rename": "moved"}


def _ask(cwd: str, since: float, is_cancelled: Callable[[], bool]) -> Diff:
    return diff_since(cwd, since, is_cancelled=is_cancelled)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a diff is of."""

    key: str
    writes: int


class ChangesTab(Tab):
    TITLE = "Changes"

    @dataclass
    class Told(Message):
        """Git has answered."""

        asked: _Asked
        diff: Diff

    def __init__(
        self,
        conflicts: Callable[[], Sequence[Conflict]] = tuple,
        ask: Ask = _ask,
    ) -> None:
        """
        Args:
            conflicts: those of the snapshot that shows.
            ask: called in a thread of its own, and only while somebody looks.
        """
        super().__init__()
        self._conflicts = conflicts
        self._ask = ask
        self._asked: _Asked | None = None
        self._asked_at = 0.0
        self._told: tuple[_Asked, Diff] | None = None
        self._drawn: list[Content] = []

    def draw(self, session: Session, now: float, width: int, /) -> Sequence[Content]:
        self._look(session, now)
        mine = [each for each in self._conflicts() if each.others(session.key) != each.writers]
        sections = (
            _met(session, mine, now, width),
            _files(session, mine, now, width),
            self._diff(session, width),
        )
        lines: list[Content] = []
        for section in sections:
            lines += [Content(""), *section] if lines and section else section
        return lines

    def _diff(self, session: Session, width: int) -> list[Content]:
        since = session.started_at
        if session.reading.cwd is None or since is None:
            return [heading("git diff"), quiet("where or when it began is not known")]
        title = f"since {clock(since, self.selection.now)}"
        if self._told is None or self._told[0].key != session.key:
            return [heading("git diff", title), quiet("asking git…")]
        diff = self._told[1]
        if diff.problem is not None:
            return [heading("git diff", title), *wrapped(diff.problem, width)]
        base = f"{title}, against {diff.base[:8]}" if diff.base else title
        return [
            heading("git diff", base),
            *(self._drawn or [quiet("nothing that git tracks changed")]),
        ]

    # ---- git

    def _look(self, session: Session, now: float) -> None:
        """Ask git when this session's diff is not known or no longer good."""
        cwd, since = session.reading.cwd, session.started_at
        asked = _Asked(session.key, sum(write.writes for write in session.reading.writes))
        is_old = not 0 <= now - self._asked_at < LASTS
        is_fresh = not is_old or (asked == self._asked and not session.is_live)
        is_same = self._asked is not None and self._asked.key == session.key
        if cwd is None or since is None or not self.is_mounted or (is_same and is_fresh):
            return
        self._asked, self._asked_at = asked, now
        self._ask_git(asked, cwd, since)

    @work(thread=True, exclusive=True, exit_on_error=False, group="diff")
    def _ask_git(self, asked: _Asked, cwd: str, since: float) -> None:
        worker: Worker[object] = get_current_worker()  # pyright: ignore[reportUnknownVariableType]
        diff = self._ask(cwd, since, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Told(asked, diff))

    def on_changes_tab_told(self, message: Told) -> None:
        message.stop()
        self._told = message.asked, message.diff
        self._drawn = [*_patch(message.diff)]
        self.redraw()


def _met(session: Session, mine: Sequence[Conflict], now: float, width: int) -> list[Content]:
    if not mine:
        return []
    rows = [
        [
            toned(each.grade, _SEVERE[each.severity]),
            toned(cut_start(printable(line(_inside(each.path, session))), max(20, width // 2))),
            toned(_others(each, session), ACCENT),
            quiet(f"{age(now - each.last_at)} ago"),
        ]
        for each in mine[:_FILES]
    ]
    told: list[Content] = []
    for row, each in zip(columns(rows, (False,) * 4), mine, strict=False):
        evidence = wrapped(each.evidence, width - 2)
        told += [row, *(quiet(f"  {part.plain}") for part in evidence)]
    hidden = len(mine) - len(rows)
    rest = [quiet(f"and {hidden} more")] if hidden > 0 else []
    return [heading("conflicts", f"{len(mine)}"), *told, *rest]


def _others(conflict: Conflict, session: Session) -> str:
    """`codex 77c0ffee first`: the others, and whether one of them was there before."""
    others = conflict.others(session.key)
    names = ", ".join(f"{w.agent} {w.key.partition(':')[2].replace('-', '')[-8:]}" for w in others)
    is_later = bool(conflict.writers) and conflict.writers[0].key != session.key
    return line(printable(f"{names} first" if is_later and names else names)) or UNKNOWN


def _files(session: Session, mine: Sequence[Conflict], now: float, width: int) -> list[Content]:
    read = session.reading
    if read.partial:
        return [heading("files written"), quiet("its transcript is still being read")]
    if not read.writes:
        return [heading("files written", "none that its transcript tells of")]
    shared = {each.path for each in mine}
    newest = sorted(read.writes, key=lambda write: -(write.last_at or 0.0))
    rows = [_file(write, session, write.path in shared, now, width) for write in newest[:_FILES]]
    note = many(len(newest), "file")
    if read.lines is not None:
        note += f"   +{read.lines.added:,} −{read.lines.removed:,} lines"
    hidden = len(newest) - len(rows)
    rest = [quiet(f"and {hidden} more")] if hidden > 0 else []
    right = (False, False, True, True, True, True)
    return [heading("files written", note), *columns(rows, right), *rest]


def _file(
    write: FileWrite, session: Session, is_shared: bool, now: float, width: int
) -> list[Content]:
    path = cut_start(printable(line(_inside(write.path, session))), max(20, width - 40))
    return [
        toned(path, WARN if is_shared else ""),
        quiet(_KINDS.get(write.kind, "")),
        toned(UNKNOWN if write.added is None else f"+{write.added:,}", GOOD),
        toned(UNKNOWN if write.removed is None else f"−{write.removed:,}", ALARM),
        quiet(f"×{write.writes}"),
        quiet(age(None if write.last_at is None else now - write.last_at)),
    ]


def _inside(path: str, session: Session) -> str:
    """Relative to the session's directory where it lies in it."""
    cwd = session.reading.cwd
    return path.removeprefix(cwd.rstrip("/") + "/") if cwd else short(path)


def _patch(diff: Diff) -> Iterator[Content]:
    lines = diff.text.splitlines()
    for each in lines[:_LINES]:
        yield toned(cut(printable(line(each)), 400), _tone(each))
    hidden = len(lines) - _LINES
    if hidden > 0 or diff.is_cut:
        rest = f"{hidden:,} more lines" if hidden > 0 else "more"
        yield quiet(f"and {'at least ' if diff.is_cut else ''}{rest}; git diff has it all")


def _tone(text: str) -> str:
    if text.startswith(("diff --git", "+++", "---")):
        return STRONG
    if text.startswith(("index ", "new file", "deleted file", "old mode", "new mode")):
        return QUIET
    return {"+": GOOD, "-": ALARM, "@": ACCENT}.get(text[:1], "")
