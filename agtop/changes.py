"""What changed in a repository since an instant, asked of git with nothing of the repository run.

A repository is as hostile as a transcript: its configuration may name programs to run as a diff
driver, a filter, a hook, a file watcher or a pager. Each of them is put out of use, nothing is
fetched, nothing is written, and what git says is cut off when it is long or takes long.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from agtop.model import Record

TIMEOUT = 5.0
"""Seconds that one call of git may take."""
MOST = 256 << 10
"""Bytes of a diff that are kept."""
_FEW = 64 << 10
_TURN = 0.1
_OFF = (
    *("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false"),
    *("core.pager=cat", "diff.external=", "diff.submodule=short", "protocol.allow=never"),
)
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME")


class Diff(Record):
    """What `git diff` says, or why it says nothing."""

    text: str = ""
    base: str | None = None
    """The commit that the session began with."""
    is_cut: bool = False
    problem: str | None = None


class _GitError(Exception):
    """Git could not be asked, or said no: the sentence to show."""


def diff_since(
    cwd: str,
    since: float,
    environ: Mapping[str, str] = os.environ,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Diff:
    """The working tree in `cwd` against the last commit before `since`. Takes seconds at most."""
    git = _Git(cwd, environ, is_cancelled)
    try:
        git.put_filters_out_of_use()
        before = _written(since)
        said, _ = git.ask(["rev-list", "-1", f"--before={before}", "HEAD", "--"], _FEW)
        base = said.strip() or None
        start = base or git.ask(["hash-object", "-t", "tree", "/dev/null"], _FEW)[0].strip()
        text, is_cut = git.ask(
            [
                *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"),
                *("--ignore-submodules=all", start, "--", "."),
            ],
            MOST,
        )
    except _GitError as error:
        return Diff(problem=str(error))
    return Diff(text, base, is_cut)


def _written(since: float) -> str:
    try:
        return datetime.fromtimestamp(since, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        raise _GitError("its beginning is at no instant that git knows") from None


class _Git:
    """Git in one directory, with everything of the repository's own put out of use."""

    def __init__(
        self, cwd: str, environ: Mapping[str, str], is_cancelled: Callable[[], bool]
    ) -> None:
        self._cwd = cwd
        self._is_cancelled = is_cancelled
        self._off = [*_OFF]
        self._environ = {name: environ[name] for name in _KEPT if name in environ} | {
            "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PAGER": "cat",
        }

    def put_filters_out_of_use(self) -> None:
        """A filter of the repository would be run over each file that changed."""
        said, _ = self.ask(
            ["config", "-z", "--name-only", "--get-regexp", r"^filter\."], _FEW, fails=(0, 1)
        )
        for name in filter(None, said.split("\0")):
            off = "false" if name.endswith(".required") else ""
            self._off.append(f"{name}={off}")

    def ask(
        self, arguments: Sequence[str], most: int, fails: Sequence[int] = (0,)
    ) -> tuple[str, bool]:
        """What git prints, at most so many bytes, and whether that is not all."""
        options = [part for each in self._off for part in ("-c", each)]
        try:
            process = subprocess.Popen(
                ["git", "--no-pager", *options, *arguments],
                cwd=self._cwd,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except FileNotFoundError:
            gone = not os.path.isdir(self._cwd)
            raise _GitError("its directory is gone" if gone else "git is not installed") from None
        except (OSError, ValueError) as error:
            raise _GitError(f"git cannot be run there ({error})") from None
        with process:
            try:
                said, is_cut = self._read(process, most)
            finally:
                _end(process)
        if not is_cut and process.returncode not in fails:
            raise _GitError("its directory is in no git repository that git would read")
        return said.decode("utf-8", "replace"), is_cut

    def _read(self, process: subprocess.Popen[bytes], most: int) -> tuple[bytes, bool]:
        stream = process.stdout
        if stream is None:
            return b"", False
        said = bytearray()
        deadline = time.monotonic() + TIMEOUT
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while len(said) <= most:
                if self._is_cancelled() or time.monotonic() > deadline:
                    raise _GitError(f"git took longer than {TIMEOUT:.0f} s")
                if selector.select(_TURN):
                    more = os.read(stream.fileno(), 1 << 16)
                    if not more:
                        process.wait(TIMEOUT)
                        return bytes(said), False
                    said += more
        return bytes(said[:most]), True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Git and what it started, if it still runs."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
