"""The pane a session runs in: which it is, and one call to tmux that shows it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agtop import tmux
from agtop.agents import AGENTS
from agtop.errors import AgtopError
from agtop.model import Process, Session, replace
from agtop.processes.source import system_source
from agtop.processes.variables import variables
from agtop.terminals import Terminals
from tests.snapshots import PROCESS, session


@pytest.fixture
def socket(tmp_path: Path) -> str:
    path = tmp_path / "tmux,1" / "default"
    path.parent.mkdir()
    path.touch()
    return str(path)


class Calls:
    """What would have been run."""

    def __init__(self, status: int = 0, said: bytes = b"") -> None:
        self.made: list[tuple[str, ...]] = []
        self._status, self._said = status, said

    def __call__(self, words: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[bytes]:
        self.made.append(words)
        return subprocess.CompletedProcess(words, self._status, b"", self._said)


def env(socket: str, pane: str) -> dict[str, str]:
    return {"TMUX": f"{socket},123,0", "TMUX_PANE": pane}


def terminals(
    calls: Calls,
    own: Mapping[str, str],
    its: Mapping[str, str] | None,
    home: Path = Path("/nowhere"),
) -> Terminals:
    def read(process: Process, names: frozenset[str]) -> Mapping[str, str] | None:
        return its

    return Terminals(AGENTS, home, own, read, calls)


def live(**facts: object) -> Session:
    return replace(session(), process=PROCESS, liveness="live", **facts)


def refusal(made: Terminals, of: Session) -> str:
    with pytest.raises(AgtopError) as caught:
        made.jump(of)
    return str(caught.value)


def test_a_pane_is_shown_in_one_call(socket: str) -> None:
    calls = Calls()

    terminals(calls, env(socket, "%1"), env(socket, "%7")).jump(live())

    (words,) = calls.made
    assert words[:3] == ("tmux", "-S", socket)
    assert words[3:6] == ("select-window", "-t", "%7")
    assert words[-3:] == ("switch-client", "-t", "%7")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"TMUX": "/tmp/a,b/default,12,3", "TMUX_PANE": "%4"}, ("/tmp/a,b/default", "%4")),
        ({"TMUX": "/tmp/default,12,3"}, None),
        ({"TMUX_PANE": "%4"}, None),
        ({"TMUX": "/tmp/default,12,3", "TMUX_PANE": "; kill-server"}, None),
        ({"TMUX": "-Lx,12,3", "TMUX_PANE": "%4"}, None),
        ({}, None),
    ],
)
def test_only_what_tmux_itself_writes_is_a_pane(
    variables: dict[str, str], found: tuple[str, str] | None
) -> None:
    pane = tmux.pane_of(variables)

    assert (None if pane is None else (pane.socket, pane.name)) == found


@pytest.mark.parametrize(
    ("note", "pane"), [("work:@0.%12", "%12"), ("a.b:@0.%1", "%1"), ("work", None), (None, None)]
)
def test_the_pane_in_a_pid_file_is_read(note: str | None, pane: str | None) -> None:
    assert tmux.noted_pane(note) == pane


def test_outside_tmux_it_is_said_how_to_get_there(socket: str) -> None:
    calls = Calls()
    said = refusal(terminals(calls, {}, env(socket, "%7")), live())

    assert said.startswith("agtop does not run in tmux, and it does; type: tmux -S ")
    assert said.endswith("attach -t %7")
    assert calls.made == []


def test_another_server_is_left_alone(socket: str, tmp_path: Path) -> None:
    calls = Calls()
    other = tmp_path / "other"
    other.touch()

    said = refusal(terminals(calls, env(str(other), "%1"), env(socket, "%7")), live())

    assert "another tmux server" in said
    assert calls.made == []


def test_another_users_server_is_left_alone(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(os, "getuid", lambda: os.stat(socket).st_uid + 1)

    assert "another user" in refusal(terminals(calls, env(socket, "%1"), env(socket, "%7")), live())
    assert calls.made == []


@pytest.mark.parametrize(
    ("its", "facts", "said"),
    [
        ({}, {}, "does not run in tmux"),
        (None, {}, "cannot be read"),
        ({}, {"process": None}, "no process of this session is known"),
        ({}, {"liveness": "stopped"}, "no process of this session is known"),
        ({"TMUX": "/gone/default,1,1", "TMUX_PANE": "%1"}, {}, "its tmux server is gone"),
    ],
)
def test_why_there_is_nowhere_to_go_is_a_sentence(
    its: dict[str, str] | None, facts: dict[str, object], said: str, socket: str
) -> None:
    assert said in refusal(terminals(Calls(), env(socket, "%1"), its), replace(live(), **facts))


def test_what_tmux_says_is_passed_on(socket: str) -> None:
    calls = Calls(1, b"can't find pane: %7\n")

    assert refusal(terminals(calls, env(socket, "%1"), env(socket, "%7")), live()) == (
        "tmux cannot show pane %7: can't find pane: %7"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(), "no program tmux"),
        (subprocess.TimeoutExpired("tmux", 5), "did not answer"),
        (PermissionError(13, "Permission denied"), "cannot be run: permission denied"),
    ],
)
def test_a_tmux_that_cannot_be_run_is_a_sentence(error: Exception, said: str, socket: str) -> None:
    def run(*_: object, **__: object) -> Any:
        raise error

    with pytest.raises(AgtopError, match=said):
        tmux.show(tmux.Pane(socket, "%7"), tmux.Pane(socket, "%1"), run)


def test_claudes_pid_file_names_the_pane_where_variables_cannot_be_read(
    socket: str, tmp_path: Path
) -> None:
    folder = tmp_path / ".claude/sessions"
    folder.mkdir(parents=True)
    (folder / "8421.json").write_text(
        '{"pid": 8421, "sessionId": "s", "kind": "interactive", "tmux": "work:@0.%7"}'
    )
    calls = Calls()

    terminals(calls, env(socket, "%1"), None, tmp_path).jump(live())

    assert calls.made[0][-1] == "%7"


def test_only_the_variables_asked_for_are_taken() -> None:
    vitals = system_source().vitals(os.getpid())
    assert vitals is not None
    me = Process(os.getpid(), vitals.started_at, 1, "python", start_ticks=vitals.start_ticks)

    assert set(variables(me, frozenset(("PATH", "NO_SUCH"))) or ()) == {"PATH"}


def test_a_process_that_has_the_number_of_another_is_not_read() -> None:
    vitals = system_source().vitals(os.getpid())
    assert vitals is not None
    late = Process(os.getpid(), 0.0, 1, "python", start_ticks=(vitals.start_ticks or 0) + 1)

    assert variables(late, frozenset(("PATH",))) is None
