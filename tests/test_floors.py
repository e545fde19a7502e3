"""The house stands: imports point down, files stay small, nothing loads more than it needs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "agtop"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"tail", "text", "units", "paths", "privacy", "errors", "log"}),
    frozenset({"zstd", "locks"}),
    frozenset({"model"}),
    frozenset({"block"}),
    frozenset({"agents.base"}),  # what an agent is, for those that know none of them
    frozenset({"the parts"}),
    frozenset({"books"}),
    frozenset({"kept"}),
    frozenset({"index"}),
    frozenset({"collector", "columns", "config"}),
    frozenset({"filters"}),
    frozenset({"tui", "listing", "export"}),
    frozenset({"doctor", "clashes", "terminals", "verbs"}),  # on the same pages as the listing
    frozenset({"stock"}),  # as the doctor tells it
    frozenset({"flags"}),
    frozenset({"purses", "spans", "chosen"}),
    frozenset({"wiring"}),
    frozenset({"console"}),
    frozenset({"errands"}),
    frozenset({"fullscreen"}),
    frozenset({"answers"}),
    frozenset({"deeds"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""From the ground up. Every module named nowhere else is one of the parts."""

PARTS = FLOORS.index(frozenset({"the parts"}))
LIBRARIES = {
    "textual": {"tui"},
    "rich": {"tui", "listing", "export", "text"},
    "pydantic": {"export"},
    "psutil": {"processes", "demo"},
    "platformdirs": {"paths"},
    "httpx": {"spend"},
}
"""Which modules may load which library."""


def room(name: str) -> str:
    """`agtop.tui.app` → `tui`: the module or package of the ground plan it belongs to."""
    parts = name.split(".")[1:]
    if parts[:2] in (["agents", "base"], ["agents", "walk"]):
        return "agents.base"
    return parts[0] if parts else ""


def floor(name: str) -> int:
    return next((n for n, rooms in enumerate(FLOORS) if room(name) in rooms), PARTS)


def name_of(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def loaded(path: Path) -> Iterator[str]:
    """The full names of everything `path` imports, anywhere in it."""
    for node in imports(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.module == "agtop":
            yield from (f"agtop.{alias.name}" for alias in node.names)
        else:
            yield node.module or ""


def own(path: Path) -> set[str]:
    found = {name for name in loaded(path) if name.startswith("agtop.")}
    return {name for name in found if room(name) != "__version__"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path):
    here = name_of(path)

    wrong = [
        name
        for name in own(path)
        if room(name) != room(here)
        and not (room(name) == "agents.base" and room(here) == "agents")
        and floor(name) >= floor(here)
    ]

    assert here == "agtop" or wrong == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_are_absolute(path: Path):
    assert [node.lineno for node in imports(path) if getattr(node, "level", 0)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_those_who_may_load_a_library(path: Path):
    for name in loaded(path):
        allowed = LIBRARIES.get(name.split(".")[0])
        assert allowed is None or room(name_of(path)) in allowed, name


def test_text_takes_nothing_of_rich_but_cell_widths():
    names = {name for name in loaded(PACKAGE / "text.py") if name.startswith("rich")}

    assert names == {"rich.cells"}


def test_the_config_is_read_where_the_faces_are_wired_and_on_the_screen():
    readers = {room(name_of(path)) for path in MODULES if "agtop.config" in loaded(path)}

    assert readers <= {
        "config",
        "chosen",
        "flags",
        "purses",
        "wiring",
        "cli",
        "deeds",
        "errands",
        "tui",
    }


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_file_is_too_long_to_hold_in_the_head(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_file_says_what_it_is(path: Path):
    tree = ast.parse(path.read_text("utf-8"))

    assert not tree.body or ast.get_docstring(tree)


def modules_after(home: Path, code: str) -> set[str]:
    """The modules loaded once `code` has run in an interpreter of its own."""
    report = "import sys; print('\\n', *sys.modules, file=sys.stderr)"
    environ = {"HOME": str(home), "PATH": os.environ.get("PATH", "")}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=REPOSITORY,
        env={**environ, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def running(*argv: str) -> str:
    return f"from agtop.cli import main; assert main({list(argv)}) == 0"


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_telling_the_version_loads_no_part_of_agtop(home: Path, flag: str):
    found = modules_after(home, running(flag))

    assert "agtop.cli" in found
    assert found.isdisjoint(
        {"psutil", "pydantic", "msgspec", "rich", "textual", "asyncio", "dataclasses"}
    )
    ours = {name for name in found if name.startswith("agtop.")}
    assert {name for name in ours if not name.startswith("agtop.flags")} == {
        "agtop.cli",
        "agtop.console",
        "agtop.errors",
    }


@pytest.mark.parametrize(
    "face", ["--list", "--json", "sources", "sources --json", "inventory", "inventory --json"]
)
def test_faces_for_scripts_never_load_the_screen(home: Path, face: str):
    found = modules_after(home, running(*face.split()))

    assert "agtop.model" in found
    assert found.isdisjoint({"textual", "rich.console", "pydantic", "agtop.tui.app"})


def test_the_first_rows_need_not_wait_for_textual(home: Path):
    found = modules_after(home, "import agtop.fullscreen, agtop.wiring, agtop.tui.opening")

    assert found.isdisjoint({"textual", "asyncio", "rich.console"})


def test_the_screen_loads_no_tls_and_whoever_needs_it_later_still_can(home: Path):
    screen = "from agtop.fullscreen import load_asyncio\nload_asyncio()\nimport agtop.tui.app"

    assert modules_after(home, screen).isdisjoint({"ssl", "_ssl", "hashlib"})
    assert "_ssl" in modules_after(home, f"{screen}\nimport ssl")


@pytest.mark.parametrize(
    "module",
    ["agtop.listing", "agtop.export", "agtop.doctor", "agtop.config", "agtop.trace.commands"],
)
def test_no_face_for_scripts_needs_the_screen(home: Path, module: str):
    found = modules_after(home, f"import {module}")

    assert found.isdisjoint({"textual", "rich.console", "pydantic"})
