"""Sets up the temporary home, sends the director and takes everything down again."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import agtop
from agtop.demo import history
from agtop.demo.dice import Dice
from agtop.demo.jobs import JOBS, lay_out
from agtop.demo.live import BUS

_SEED = 1
_READY_WITHIN = 10.0
_GONE_WITHIN = 5.0
_FOREIGN = (
    "AGTOP",
    "AIDER",
    "ANTHROPIC",
    "CLAUDE",
    "CLINE",
    "CODEX",
    "COPILOT",
    "CURSOR",
    "GEMINI",
    "GOOSE",
    "KIMI",
    "OPENAI",
    "OPENCODE",
    "QWEN",
    "XDG_",
)
"""Variables by which real agents, or a real configuration, would be found."""

_ACTOR = """\
import sys
sys.path.append({packages!r})
from agtop.demo.{module} import main
main()
"""


class DemoError(Exception):
    """The demo could not be shown: what, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet at work."""

    root: Path
    """The temporary folder; everything of the fleet is below it."""
    home: Path
    """The home its agents live in."""
    environ: Mapping[str, str]
    """The environment in which this home, and no real agent, is found."""

    def actors(self) -> dict[str, int]:
        """The pids of all actors that have entered so far, by name."""
        return json.loads((self.root / "actors.json").read_text())

    def truth(self) -> dict[str, dict[str, object]]:
        """What each session has really spent, by `agent:session id`.

        Subagents are entries of their own, with `parent` set. A lively actor writes its truth
        right after its records, so only a fleet that is not lively can be held against it.
        """
        truth = json.loads((self.root / "truth.json").read_text())
        for path in (self.root / "truth").glob("*.json"):
            for entry in json.loads(path.read_text()):
                truth[f"{entry['agent']}:{entry['session']}"] = entry
        return truth


def _part(
    scene: str, project: str, arguments: list[str], enters: float = 0.0, origin: str = ""
) -> dict[str, object]:
    session = Dice(f"{_SEED}/{scene}/session").uuid()
    return {
        "name": scene,
        "scene": scene,
        "agent": scene.partition("_")[0],
        "project": project,
        "session": session,
        "seed": f"{_SEED}/{scene}",
        "arguments": arguments,
        "enters": enters,
        "origin": origin,
    }


def _cast(lively: bool) -> list[dict[str, object]]:
    """Who plays; those who come or go later only where there is a later."""
    idles = _part("claude_idles", "docs", ["--model", "haiku"])
    origin = str(idles["session"])
    resume = ["--resume", origin, "--fork-session"]
    parts = [
        _part("claude_works", "api-gateway", ["--model", "opus"]),
        _part("claude_waits", "web-shop", []),
        _part("claude_asks", "billing", ["--model", "opus"]),
        idles,
        _part("claude_leads", "billing", []),
        _part("claude_fails", "web-shop", ["--continue"]),
        _part("claude_limited", "infra", []),
        _part("codex_works", "billing", ["exec", JOBS["billing"][0].ask]),
        _part("codex_idles", "api-gateway", ["--disable", "daemon_auto_start"]),
    ]
    if lively:
        prompt = ["-p", JOBS["infra"][1].ask, "--model", "claude-haiku-5-5"]
        parts.append(_part("claude_leaves", "infra", prompt))
        parts.append(_part("claude_forks", "docs", resume, enters=24.0, origin=origin))
    for part in parts:
        part["lively"] = "yes" if lively else "no"
    return parts


def _environment(root: Path) -> dict[str, str]:
    kept = {name: v for name, v in os.environ.items() if not name.startswith(_FOREIGN)}
    home, run = str(root / "home"), str(root / "run")
    own = {"XDG_RUNTIME_DIR": run, BUS: f"{run}/bus"}
    return kept | {"HOME": home, "USERPROFILE": home} | own


def _build(root: Path, lively: bool) -> list[dict[str, object]]:
    """Lay out the home, its past and its projects, and what the director needs."""
    for project in JOBS:
        folder = root / "home" / "acme" / project
        _repository(folder)
        for path, text in lay_out(str(folder), project).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
    truth = history(root / "home", time.time(), _SEED)
    (root / "truth.json").write_text(json.dumps(truth, indent=1))
    cast = _cast(lively)
    (root / "cast.json").write_text(json.dumps(cast))
    return cast


def _repository(folder: Path) -> None:
    """An empty git repository, made without git."""
    git = folder / ".git"
    for part in ("objects", "refs/heads"):
        (git / part).mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n")


def _scripts(root: Path) -> None:
    """Files named like the agents, which is how their processes are recognised."""
    (root / "run").mkdir(mode=0o700)
    (root / "truth").mkdir(mode=0o700)
    (root / "bin").mkdir(mode=0o700)
    packages = str(Path(agtop.__file__).parents[1])
    for name, module in (("claude", "actor"), ("codex", "actor"), ("fleet", "director")):
        (root / "bin" / name).write_text(_ACTOR.format(packages=packages, module=module))


@contextmanager
def running(lively: bool) -> Generator[Fleet]:
    """See `agtop.demo.running`."""
    if sys.platform == "win32":
        raise DemoError("the demo fleet needs Linux or macOS; run it there or in WSL")
    root = Path(os.path.realpath(tempfile.mkdtemp(prefix="agtop-demo-")))
    life_end, life = os.pipe()
    ready, ready_end = os.pipe()
    director: subprocess.Popen[bytes] | None = None
    try:
        _scripts(root)
        director = _send_director(root, life_end, ready_end)
        os.close(ready_end)
        cast = _build(root, lively)
        os.write(life, b"g")
        _await(ready, sum(part["enters"] == 0 for part in cast), root)
        yield Fleet(root, root / "home", _environment(root))
    finally:
        os.close(life)
        _see_off(director, root)
        for descriptor in (life_end, ready):
            os.close(descriptor)


def _send_director(root: Path, life: int, ready: int) -> subprocess.Popen[bytes]:
    """Started before anything else is written, so that nothing is ever left behind."""
    with (root / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-IS", str(root / "bin" / "fleet"), str(root), str(life), str(ready)],
            cwd=root,
            env=_environment(root),
            pass_fds=(life, ready),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _await(ready: int, actors: int, root: Path) -> None:
    """Wait until every first actor has written its opening."""
    until = time.monotonic() + _READY_WITHIN
    seen = 0
    while seen < actors:
        readable, _, _ = select.select([ready], [], [], max(0.0, until - time.monotonic()))
        told = os.read(ready, 4096) if readable else b""
        if not told:
            raise DemoError(f"the demo fleet did not start: {_last_words(root)}; try again")
        seen += told.count(b"\n")


def _last_words(root: Path) -> str:
    words = (root / "log").read_text(errors="replace").strip().splitlines()
    return words[-1] if words else "its processes take too long"


def _see_off(director: subprocess.Popen[bytes] | None, root: Path) -> None:
    """The director cleans up; what it leaves, this does."""
    if director is not None:
        director.terminate()  # the pipe's end says so too, unless a child of agtop's holds it
        try:
            director.wait(_GONE_WITHIN)
        except subprocess.TimeoutExpired:
            director.kill()
            director.wait()
    shutil.rmtree(root, ignore_errors=True)
