"""The command line does what it is asked, and says in a sentence what it cannot."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import types
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest

from agtop import __version__, cli, log, wiring
from agtop.agents import AGENTS
from agtop.agents.base import Agent
from agtop.errors import UsageError
from agtop.model import Problem, Session, Snapshot, SourceReport, State, replace
from tests.snapshots import COST, bare, hostile_snapshot, session, snapshot
from tests.sources.codex import codex
from tests.sources.reports import REPORTS

REPOSITORY = Path(__file__).parents[1]
FLEET = snapshot(
    session("quiet", last_active=1.0, cost=replace(COST, output=9.0)),
    session("busy"),
    bare("unknown"),
)
CLAUDE = AGENTS[0]
THREE = (
    CLAUDE,
    replace(CLAUDE, name="codex", label="Codex"),
    replace(CLAUDE, name="copilot", label="Copilot CLI"),
)

Run = Callable[..., int]


class Fake:
    """A collector that has its snapshots ready."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = list(snapshots)
        self.closed = False

    def collect(self) -> Snapshot:
        return self.snapshots.pop(0)

    def sources(self) -> tuple[SourceReport, ...]:
        return REPORTS

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fake]:
    """Have agtop collect these snapshots; `.wants` is what it was asked for."""

    def give(*snapshots: Snapshot) -> Fake:
        fake = Fake(*snapshots)

        def collector(wants: wiring.Wants, place: wiring.Place, patience: float) -> Fake:
            fake.__dict__.update(wants=wants, place=place)
            return fake

        monkeypatch.setattr(wiring, "collector", collector)
        return fake

    return give


def config(home: Path, text: str) -> Path:
    path = home / ".config" / "agtop" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


# ---- what is said


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told(flag: str, capsys: pytest.CaptureFixture[str]):
    assert cli.main([flag]) == 0
    assert capsys.readouterr().out == f"agtop {__version__}\n"


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["--help"]) == 0

    told = capsys.readouterr().out
    for flag in ("--list", "--json", "--ndjson", "--watch", "--sort", "--plan", "--demo"):
        assert flag in told


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--json", "--watch"], "--json writes one document; --ndjson --watch writes one"),
        (["--watch"], "--watch repeats --list or --ndjson; add one of them"),
        (["--list", "--json"], "--list and --json cannot go together; choose one"),
        (["--json", "--ndjson"], "--json and --ndjson cannot go together"),
        (["--json", "-n", "3"], "--limit shortens --list"),
        (["-l", "-n", "0"], '"0" is not a number of rows'),
        (["-l", "-n", "9" * 5000], "is not a number of rows"),
        (["-l", "-d", "soon"], '"soon" is not a delay; write seconds (2, 0.5) or 500ms'),
        (["-l", "-d", "nan"], "is not a delay"),
        (["-l", "-p", "gold"], 'no plan "gold"; choose retail, max or included'),
        (
            ["-l", "-s", "cots"],
            'no sort key is called "cots"; -s help lists them; did you mean "cost"?',
        ),
        (["-l", "-s", ""], 'no sort key is called ""'),
        (["-l", "--agent", "cladue"], 'no agent is called "cladue"; there are claude'),
        (["--lis"], "unrecognized arguments: --lis; agtop --help lists the flags"),
        (["extra"], "argument VERB: invalid choice: 'extra' (choose from"),
        (["--list", "sources"], "--list cannot go with sources; agtop sources --help lists its"),
        (["trace"], "trace needs a target: a pid, an id or an agent's name; or --all"),
        (["trace", "7", "--all"], "--all and a target cannot go together"),
        (["trace", "--all", "--stdout"], "--all and --stdout cannot go together"),
        (["trace", "7", "--stdout", "--json"], "--stdout shows the output as it is"),
        (["trace", "7", "--last", "x"], '"x" is not a number of events'),
        (["trace", "--all", "--kind", "foo"], '--kind: no kind of event is called "foo"'),
        (["trace", "nobody"], 'no session is called "nobody"'),
        (["sources", "--sort", "cost"], "unrecognized arguments: --sort cost"),
        ([], "the full screen needs a terminal; use --list or --json here"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_a_sentence(
    argv: list[str],
    sentence: str,
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
):
    given(FLEET)

    status = cli.main(argv)

    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.startswith("agtop: ")
    assert sentence in captured.err
    assert captured.err.count("\n") == 1


def test_a_hostile_argument_cannot_steer_the_terminal(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    cli.main(["--list", "--sort", "\x1b]0;owned\x07\x9b2J"])

    assert "\x1b" not in capsys.readouterr().err


def test_sort_help_explains_every_key(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["-s", "help"]) == 0

    told = capsys.readouterr().out
    assert re.search(r"^cost +Each request at its own model's price", told, re.MULTILINE)


def test_the_schema_is_printed_without_reading_anything(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["--json-schema"]) == 0

    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


# ---- what is shown


def test_a_document_is_printed_and_the_collector_closed(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    fake = given(FLEET)

    status = cli.main(["--json"])

    written = json.loads(capsys.readouterr().out)
    assert (status, fake.closed) == (0, True)
    assert [row["session_id"] for row in written["sessions"]] == ["busy", "quiet", "unknown"]


def test_the_sort_key_orders_the_document(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    cli.main(["--json", "--sort", "COST"])

    written = json.loads(capsys.readouterr().out)
    assert [row["session_id"] for row in written["sessions"]] == ["quiet", "busy", "unknown"]


def test_ndjson_is_one_line(given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]):
    given(FLEET)

    assert cli.main(["--ndjson"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_a_table_is_printed_and_its_problems_are_told_on_stderr(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(replace(FLEET, problems=(Problem("/x/y.jsonl", "cannot be read"),)))

    status = cli.main(["--list", "--limit", "2"])

    captured = capsys.readouterr()
    assert status == 0
    assert captured.out.splitlines()[0].split()[0] == "STATE"
    assert "1 more session not shown · 3 sessions, 2 live" in captured.out
    assert captured.err == "agtop: /x/y.jsonl: cannot be read\n"


@pytest.mark.parametrize("face", ["--list", "--json", "--ndjson"])
def test_no_face_lets_a_control_character_through(
    face: str, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(hostile_snapshot())

    assert cli.main([face]) == 0

    captured = capsys.readouterr()
    unsafe = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    assert unsafe.findall(captured.out + captured.err) == []


def test_a_one_shot_face_reads_everything_first(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(snapshot(complete=False), snapshot(complete=False), FLEET)

    cli.main(["--json"])

    written = json.loads(capsys.readouterr().out)
    assert (written["complete"], len(written["sessions"])) == (True, 3)


def test_a_filter_chooses_sessions_and_their_totals(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    def matches(each: Session) -> bool:
        return each.session_id == "busy"

    filters = types.ModuleType("agtop.filters")
    filters.__dict__["parse"] = lambda _text="": types.SimpleNamespace(matches=matches)
    monkeypatch.setitem(sys.modules, "agtop.filters", filters)
    given(FLEET)

    cli.main(["--json", "-F", "busy"])

    written = json.loads(capsys.readouterr().out)
    assert [row["session_id"] for row in written["sessions"]] == ["busy"]
    assert written["totals"]["sessions"] == 1
    assert written["totals"]["cost"] == written["sessions"][0]["cost"]["total"]


def test_a_filter_that_cannot_be_read_is_a_usage_error(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    def parse(text: str) -> None:
        raise ValueError('no field is called "x"')

    filters = types.ModuleType("agtop.filters")
    filters.__dict__["parse"] = parse
    monkeypatch.setitem(sys.modules, "agtop.filters", filters)
    given(FLEET)

    assert cli.main(["--json", "-F", "x:1"]) == 2
    assert capsys.readouterr().err == 'agtop: --filter: no field is called "x"\n'


@pytest.mark.parametrize("face", [["--list"], ["--ndjson"]])
def test_ctrl_c_is_how_a_watch_ends(
    face: list[str],
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    given(FLEET, FLEET)
    waits: list[float] = []

    def sleep(delay: float) -> None:
        waits.append(delay)
        if len(waits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cli.time, "sleep", sleep)

    assert cli.main([*face, "--watch", "-d", "500ms"]) == 0
    assert waits == [0.5, 0.5]


# ---- sources


def test_sources_are_told_for_people(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    fake = given(snapshot(complete=False), FLEET)

    assert cli.main(["sources"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("AGENT")
    assert "Codex: degraded" in told
    assert "app server" not in told
    assert fake.closed


@pytest.mark.parametrize("argv", [["sources", "--json"], ["--json", "sources"]])
def test_sources_are_told_for_scripts(
    argv: list[str], given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    assert cli.main(argv) == 0

    written = json.loads(capsys.readouterr().out)
    assert written["providers"]["codex"]["status"] == "degraded"
    assert len(written["sessions"]) == 3


def test_the_schema_of_sources_is_printed_without_reading_anything(
    capsys: pytest.CaptureFixture[str],
):
    assert cli.main(["sources", "--json-schema"]) == 0

    schema = json.loads(capsys.readouterr().out)
    assert schema["title"] == "agtop sources --json"


def test_a_verb_takes_the_agents_that_stand_before_or_after_it(given: Callable[..., Fake]):
    for argv in (["sources", "--agent", "codex"], ["--agent", "codex", "sources"]):
        fake = given(FLEET)

        assert cli.main(argv) == 0
        assert [agent.name for agent in fake.__dict__["wants"].agents] == ["codex"]


def test_the_app_server_that_the_environment_names_is_asked(
    given: Callable[..., Fake],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    given(FLEET)

    with codex() as server:
        monkeypatch.setenv("CODEX_APP_SERVER_URL", server.url)
        cli.main(["sources"])

    assert "Codex app server\n  status      ready" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["--list"], ["--json"], ["sources", "--demo"]])
def test_no_other_face_and_no_demo_asks_it(
    argv: list[str], given: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
):
    given(FLEET)

    with codex() as server:
        monkeypatch.setenv("CODEX_APP_SERVER_URL", server.url)
        assert cli.main(argv) == 0

    assert server.requests == []


# ---- what is wanted


def names(agents: Sequence[Agent]) -> list[str]:
    return [agent.name for agent in agents]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], ["claude", "codex", "copilot"]),
        (["codex"], ["codex"]),
        (["Claude Code"], ["claude"]),
        (["claude-code", "CODEX"], ["claude", "codex"]),
        (["claudecode"], ["claude"]),
        (["github-copilot"], ["copilot"]),
        (["copilot_cli"], ["copilot"]),
    ],
)
def test_agents_go_by_several_names(asked: list[str], found: list[str]):
    assert names(wiring.chosen_agents(asked, THREE)) == found


def test_an_unknown_agent_is_told_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        wiring.chosen_agents(["claude", "codx"], THREE)

    assert str(caught.value) == (
        'no agent is called "codx"; there are claude, codex, copilot; did you mean "codex"?'
    )


@pytest.mark.parametrize("name", ["tokens_per_min", "tokens-per-min", "TOK/MIN"])
def test_a_sort_key_is_a_column_or_its_title(name: str):
    assert wiring.sort_column(name).name == "tokens_per_min"


def test_flags_outrank_the_config(home: Path, given: Callable[..., Fake]):
    config(home, 'plan = "included"\ndelay = 9\nsort = "cost"\n[plans]\nclaude = "max"')
    fake = given(FLEET)

    cli.main(["--json", "--plan", "api", "--delay", "3", "--sort", "tokens"])

    wants: wiring.Wants = fake.__dict__["wants"]
    assert (wants.config.plan, wants.config.plans) == ("retail", {})
    assert (wants.delay, wants.column.name) == (3.0, "tokens")


def test_the_config_outranks_the_defaults(home: Path, given: Callable[..., Fake]):
    config(home, 'plan = "included"\ndelay = 9\nsort = "cost"')
    fake = given(FLEET)

    cli.main(["--json"])

    wants: wiring.Wants = fake.__dict__["wants"]
    assert (wants.config.plan, wants.delay, wants.column.name) == ("included", 9.0, "cost")


def test_the_columns_of_the_config_are_listed(
    home: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    config(home, 'columns = ["cost", "session"]')
    given(FLEET)

    cli.main(["--list"])

    assert capsys.readouterr().out.splitlines()[0].split() == ["COST", "SESSION"]


def test_a_config_that_cannot_be_followed_fails_with_a_sentence_and_stays(
    home: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    path = config(home, '[plans]\nclade = "max"')
    given(FLEET)

    status = cli.main(["--json"])

    captured = capsys.readouterr()
    assert (status, captured.out) == (1, "")
    assert captured.err == (
        'agtop: config.toml: [plans] has no key "clade"; did you mean "claude"? (line 2)\n'
    )
    assert path.read_text() == '[plans]\nclade = "max"'


def test_the_demo_has_its_own_home_and_no_config(
    home: Path,
    tmp_path: Path,
    given: Callable[..., Fake],
    monkeypatch: pytest.MonkeyPatch,
):
    config(home, "broken =")

    @contextmanager
    def running():
        yield types.SimpleNamespace(home=tmp_path / "stage", environ={"HOME": "stage"})

    demo = types.ModuleType("agtop.demo")
    demo.__dict__["running"] = running
    monkeypatch.setitem(sys.modules, "agtop.demo", demo)
    fake = given(FLEET)

    assert cli.main(["--demo", "--json"]) == 0

    place: wiring.Place = fake.__dict__["place"]
    assert (place.home, place.environ) == (tmp_path / "stage", {"HOME": "stage"})


# ---- what goes wrong


def test_a_bug_is_a_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given()  # popping from an empty list stands for any bug
    path = tmp_path / "logs" / "agtop.log"

    status = cli.main(["--json", "--log-file", str(path)])
    log.stop()

    captured = capsys.readouterr()
    assert (status, captured.out) == (1, "")
    assert re.fullmatch(r"agtop: met a bug, IndexError at test_cli\.py:\d+: .*\n", captured.err)
    assert "Traceback" in path.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_log_is_private_and_in_plain_ascii(tmp_path: Path):
    path = tmp_path / "agtop.log"
    path.touch(0o644)

    log.start(path, verbose=True)
    log.logging.getLogger("agtop.x").warning("title: %s", "\x1b[31m\x9b\u202e漢\udc80")
    log.stop()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("ascii").endswith(r"title: \x1b[31m\x9b\u202e\u6f22\udc80" + "\n")


def test_a_log_nobody_writes_to_is_not_made(tmp_path: Path):
    log.start(tmp_path / "deep" / "agtop.log", verbose=False, at_once=False)
    log.stop()

    assert list(tmp_path.glob("deep/*")) == []


def test_a_log_that_cannot_be_written_is_told(
    tmp_path: Path, given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(FLEET)

    status = cli.main(["--json", "--log-file", str(tmp_path)])

    assert status == 1
    assert "cannot be written (is a directory)" in capsys.readouterr().err


# ---- on real streams

DRIVER = """
import sys
from agtop import cli, wiring
from tests import snapshots
class Fake:
    def collect(self):
        return snapshots.snapshot(*(snapshots.session(f"s-{n}") for n in range(2000)))
    def close(self):
        pass
wiring.collector = lambda *_: Fake()
sys.exit(cli.main(sys.argv[1:]))
"""


def command(*argv: str) -> list[str]:
    return [sys.executable, "-W", "error", "-c", DRIVER, *argv]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/full")
@pytest.mark.parametrize("face", ["--list", "--json"])
def test_a_reader_that_goes_away_ends_agtop_quietly(face: str):
    process = subprocess.Popen(
        command(face), cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.read(100)
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == 0
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("argv", [["--list"], ["--json"], ["--version"]])
def test_a_full_disk_is_a_sentence(argv: list[str]):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(*argv), cwd=REPOSITORY, stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert (done.returncode, done.stderr) == (1, "agtop: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_closed_stdout_is_nobody_listening():
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command("--json")]
    done = subprocess.run(shell, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminated_watch_leaves_a_terminal_with_its_cursor():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("--list", "--watch"),
        cwd=REPOSITORY,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "20"},
    )
    os.close(theirs)
    seen = _read_until(ours, b"Ctrl+C ends")

    process.send_signal(signal.SIGTERM)
    seen += _read_until(ours, b"\x1b[?25h")

    assert process.wait() == 128 + signal.SIGTERM
    assert b"\x1b[?25l" in seen
    assert b"\x1b[3J" not in seen
    assert b"Traceback" not in seen
    os.close(ours)


def _read_until(descriptor: int, ending: bytes) -> bytes:
    seen = b""
    while ending not in seen:
        seen += os.read(descriptor, 65536)
    return seen


def test_states_are_told_in_every_face(
    given: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
):
    given(snapshot(session(state=State("limited", None, None, "a rate limit"))))

    cli.main(["--list"])

    assert "limited" in capsys.readouterr().out
