"""How an alert leaves agtop."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agtop.attention import Alert
from agtop.attention.ways import MOST_AT_ONCE, PATIENCE, Command, notification
from tests.snapshots import HOSTILE

ALERT = Alert("waiting", "k", "claude in shop waits for a permission", "Buy flour", cwd="/shop")


def finish(command: Command) -> None:
    for child, _ in command._running:
        child.wait(20)


def test_a_notification_says_who_needs_what() -> None:
    told = notification(ALERT, in_tmux=False)

    assert told == "\x1b]9;agtop: claude in shop waits for a permission · Buy flour\x07"


def test_tmux_is_asked_to_pass_it_on() -> None:
    assert notification(ALERT, in_tmux=True).startswith("\x1bPtmux;\x1b\x1b]9;agtop: claude")


@pytest.mark.parametrize("in_tmux", [False, True])
def test_a_hostile_title_sends_nothing_else_to_the_terminal(in_tmux: bool) -> None:
    told = notification(Alert("error", "k", HOSTILE, HOSTILE * 50), in_tmux)

    assert told.count("\x07") == 1
    assert told.count("\x1b]") == 1
    assert "\x9b" not in told
    assert len(told) < 260


def test_the_user_s_command_is_told_in_its_environment_and_on_its_input(tmp_path: Path) -> None:
    out = tmp_path / "told"
    command = Command(f"sh -c 'echo $AGTOP_KIND $AGTOP_CWD > {out}; cat >> {out}'")

    assert command.tell(ALERT) is None
    finish(command)

    first, second = out.read_text().splitlines()
    assert first == "waiting /shop"
    assert json.loads(second)["text"] == "claude in shop waits for a permission"


def test_a_command_that_is_not_there_gives_a_sentence() -> None:
    assert Command("/no/such/thing").tell(ALERT) == (
        "your alert command /no/such/thing cannot be run: no such file or directory"
    )


def test_a_command_that_reads_nothing_does_no_harm() -> None:
    command = Command("true")
    assert command.tell(Alert("error", "k", "x" * 10_000)) is None
    finish(command)
    command.reap()
    assert command._running == []


def test_commands_do_not_pile_up() -> None:
    now = [0.0]
    command = Command("sleep 600", clock=lambda: now[0])
    try:
        said = [command.tell(ALERT) for _ in range(MOST_AT_ONCE + 1)]
        assert said[:-1] == [None] * MOST_AT_ONCE
        assert said[-1] is not None
        children = [child for child, _ in command._running]

        now[0] = PATIENCE + 1
        command.reap()

        assert {child.wait(20) for child in children} == {-9}
    finally:
        for child, _ in command._running:
            child.kill()


def test_a_command_with_an_open_quote_is_refused() -> None:
    with pytest.raises(ValueError, match="quotation"):
        Command("echo 'oops")


def test_a_command_is_not_part_of_agtop_s_own_session() -> None:
    command = Command("sleep 600")
    command.tell(ALERT)
    (child, _) = command._running[0]
    try:
        shown = subprocess.run(
            ["ps", "-o", "sid=", "-p", str(child.pid)], capture_output=True, text=True, check=True
        )
        assert int(shown.stdout) == child.pid
    finally:
        child.kill()
        child.wait(20)
