"""The man page and the completions tell of the flags there are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.manual import SHARE, files

BASH = SHARE / "bash-completion" / "completions" / "agtop"


def completed(line: str) -> set[str]:
    """What bash offers at the end of `line`."""
    words = line.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    script = (
        f"source '{BASH}'; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; _agtop; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize("path", files(), ids=str)
def test_what_is_shipped_is_made_from_the_flags_of_today(path: Path) -> None:
    assert (SHARE / path).read_text() == files()[path], "run python -m tests.manual"


@pytest.mark.parametrize(
    ("line", "some", "none"),
    [
        ("agtop ", {"--list", "--json", "kill", "budget", "bus"}, {"tail"}),
        ("agtop --pl", {"--plan"}, {"--list"}),
        ("agtop --plan ", {"retail", "max", "included"}, {"--list"}),
        ("agtop --agent co", {"codex", "copilot"}, {"claude"}),
        ("agtop --agent codex ki", {"kill"}, {"kimi"}),
        ("agtop bus ", {"tail", "publish", "status"}, {"--list", "kill"}),
        ("agtop bus tail --l", {"--last", "--log-file"}, {"--list"}),
        ("agtop statusline ", {"install", "print", "remove"}, {"--list"}),
        ("agtop budget day 20 --action ", {"warn", "pause", "stop"}, {"--action"}),
    ],
)
def test_bash_completes_verbs_flags_and_their_values(
    line: str, some: set[str], none: set[str]
) -> None:
    found = completed(line)

    assert some <= found
    assert found.isdisjoint(none)


@pytest.mark.parametrize(
    ("shell", "path"),
    [("zsh", "zsh/site-functions/_agtop"), ("fish", "fish/vendor_completions.d/agtop.fish")],
)
def test_the_other_shells_can_read_theirs(shell: str, path: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not here")
    subprocess.run([program, "-n", str(SHARE / path)], check=True, timeout=20)


def test_the_man_page_can_be_formatted_without_a_warning() -> None:
    program = shutil.which("groff")
    if program is None:
        pytest.skip("groff is not here")
    page = SHARE / "man" / "man1" / "agtop.1"
    done = subprocess.run(
        [program, "-man", "-Tutf8", "-ww", str(page)], capture_output=True, check=True, timeout=20
    )
    assert done.stderr == b""
    assert b"htop for AI coding agents" in done.stdout
