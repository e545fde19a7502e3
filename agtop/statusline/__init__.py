"""Puts agtop's hook before Claude Code's status line, and takes it away again.

The one place where agtop writes into another program's directory, and only when it is asked to by
name. A copy of the settings is kept; the user's own status line goes on as it was.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import cast

from agtop.errors import AgtopError
from agtop.model import Record
from agtop.paths import DIRECTORY_MODE, write_atomically

SETTINGS = "settings.json"
BACKUP = "settings.json.before-agtop"
_KEY = "statusLine"
_SCRIPT = "statusline.sh"
_NOTE = "statusline.json"


class StatusLineError(AgtopError):
    """The status line cannot be put in or taken out."""


class StatusLine(Record):
    """Claude Code's settings and agtop's own folder for this."""

    settings: Path
    """`settings.json` of the config home."""
    state: Path
    """Where agtop keeps the script, the note of what was there before, and the kept files."""

    @property
    def kept(self) -> Path:
        """The folder the hook writes to: one `<session>.json` each."""
        return self.state / "status"

    @property
    def command(self) -> str:
        """What Claude Code is told to run."""
        return f"/bin/sh {shlex.quote(str(self.state / _SCRIPT))}"

    def planned(self) -> str:
        """The settings as `install` would write them, as text."""
        return _text({**_load(self.settings), _KEY: self._entry(_load(self.settings))})

    def install(self) -> tuple[str, ...]:
        """Put the hook in; what was done, in sentences.

        Raises:
            StatusLineError: the settings cannot be understood, so nothing was changed.
            OSError: something cannot be written.
        """
        _check_system()
        before = _load(self.settings)
        if _command(before) == self.command:
            self._write_script(self._previous())
            return ("agtop's status line is in already; nothing was changed",)
        previous = before.get(_KEY)
        self.state.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
        write_atomically(self.state / _NOTE, json.dumps({"previous": previous}).encode())
        self._write_script(previous)
        done: list[str] = []
        if self.settings.exists():
            backup = self.settings.with_name(BACKUP)
            write_atomically(backup, self.settings.read_bytes())
            done.append(f"the settings as they were are kept in {backup}")
        after = {**before, _KEY: self._entry(before)}
        write_atomically(_real(self.settings), _text(after).encode())
        own = "your own status line is drawn as before" if _command(before) else "it draws nothing"
        return (
            *done,
            f"{self.settings} now starts agtop's hook; {own}",
            f"what Claude Code says of itself is kept in {self.kept}",
            "`agtop statusline remove` undoes this",
        )

    def remove(self) -> tuple[str, ...]:
        """Take the hook out; what was done, in sentences. Raises as `install`."""
        now = _load(self.settings)
        if _command(now) != self.command:
            return ("agtop's status line is not in; nothing was changed",)
        previous = self._previous()
        backup = self.settings.with_name(BACKUP)
        if _is_only_change(now, backup):
            write_atomically(_real(self.settings), backup.read_bytes())
        elif not backup.exists() and now.keys() == {_KEY}:
            self.settings.unlink()
        else:
            rest = {key: value for key, value in now.items() if key != _KEY}
            after = rest if previous is None else {**now, _KEY: previous}
            write_atomically(_real(self.settings), _text(after).encode())
        backup.unlink(missing_ok=True)
        for name in (_SCRIPT, _NOTE):
            (self.state / name).unlink(missing_ok=True)
        said = "your own status line is back" if previous is not None else "there is none now"
        return (f"agtop's hook is out of {self.settings}; {said}",)

    # ---- parts

    def _entry(self, before: dict[str, object]) -> dict[str, object]:
        """The status line as settings know it; how it is laid out stays the user's."""
        known = before.get(_KEY)
        kept = cast("dict[str, object]", known) if isinstance(known, dict) else {}
        return {**kept, "type": "command", "command": self.command}

    def _previous(self) -> object:
        try:
            note: object = json.loads((self.state / _NOTE).read_bytes())
        except (OSError, ValueError):
            return None
        return cast("dict[str, object]", note).get("previous") if isinstance(note, dict) else None

    def _write_script(self, previous: object) -> None:
        """A shell script, so that an agtop that is gone leaves the user's own line in place."""
        own = _command({_KEY: previous}) or ""
        hook = Path(__file__).with_name("hook.py")
        words = [sys.executable, "-I", "-S", str(hook), str(self.kept), own]
        lines = [
            "#!/bin/sh",
            "# agtop's hook in Claude Code's status line; `agtop statusline remove` takes it out",
            f"if [ -x {shlex.quote(sys.executable)} ] && [ -r {shlex.quote(str(hook))} ]; then",
            f"  exec {shlex.join(words)}",
            "fi",
            f"exec /bin/sh -c {shlex.quote(own)}" if own else "exit 0",
        ]
        write_atomically(self.state / _SCRIPT, ("\n".join(lines) + "\n").encode())


def _check_system() -> None:
    if os.name != "posix":
        raise StatusLineError("the status line hook needs a POSIX shell, so it is not for Windows")


def _load(path: Path) -> dict[str, object]:
    """The settings; nothing where there are none. Raises StatusLineError."""
    try:
        value: object = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise StatusLineError(f"{path} cannot be read ({reason}), so nothing was changed") from None
    if not isinstance(value, dict):
        raise StatusLineError(f"{path} holds no settings, so nothing was changed; mend it first")
    return cast("dict[str, object]", value)


def _command(settings: dict[str, object]) -> str | None:
    entry = settings.get(_KEY)
    if not isinstance(entry, dict):
        return None
    command = cast("dict[str, object]", entry).get("command")
    return command if isinstance(command, str) and command else None


def _is_only_change(now: dict[str, object], backup: Path) -> bool:
    """Whether putting the copy back would lose nothing but the hook."""
    try:
        before = _load(backup)
    except StatusLineError:
        return False
    rest = {key: value for key, value in now.items() if key != _KEY}
    return backup.exists() and rest == {k: v for k, v in before.items() if k != _KEY}


def _real(path: Path) -> Path:
    """Where the file lies: people keep their settings elsewhere and link to them."""
    return Path(os.path.realpath(path))


def _text(settings: dict[str, object]) -> str:
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
