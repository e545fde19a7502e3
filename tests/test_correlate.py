"""Matching: evidence in its order, ambiguity instead of a guess, identity by start time."""

from __future__ import annotations

from agtop.correlate import Binding, Candidate, correlate
from agtop.model import Activity, Phase, Process, Recognition, Registration, Role, replace

START = 1000.0


def process(
    pid: int,
    agent: str = "claude",
    cwd: int = 1,
    started_at: float = START,
    role: Role = "session",
    named: str | None = None,
    holds: tuple[str, ...] = (),
    ticks: int | None = None,
) -> Process:
    return Process(
        pid,
        started_at,
        1,
        agent,
        cwd=f"/w/{cwd}",
        cwd_id=(1, cwd),
        start_ticks=ticks,
        recognition=Recognition(agent, role, "test", named),
        open_files=tuple(f"/h/{name}.jsonl" for name in holds),
    )


def session(
    name: str,
    agent: str = "claude",
    cwd: int = 1,
    started_at: float = START + 10,
    last: float = START + 100,
    phase: Phase = "done",
) -> Candidate:
    return Candidate(
        f"{agent}:{name}", agent, name, f"/w/{cwd}", (1, cwd), started_at, last, Activity(phase)
    )


def note(
    pid: int,
    name: str,
    ticks: int | None = None,
    started_at: float | None = None,
    agent: str = "claude",
) -> Registration:
    return Registration(
        agent, pid, name, f"/h/sessions/{pid}.json", start_ticks=ticks, started_at=started_at
    )


def match(
    sessions: list[Candidate],
    processes: list[Process],
    notes: list[Registration] | None = None,
) -> dict[str, Binding]:
    return correlate(
        sessions,
        processes,
        notes or [],
        lambda _agent, path: path.removeprefix("/h/").removesuffix(".jsonl"),
    )


def pid(bindings: dict[str, Binding], key: str) -> int | None:
    binding = bindings.get(key)
    return binding.process.pid if binding is not None and binding.process is not None else None


def confidence(bindings: dict[str, Binding], key: str) -> str | None:
    return bindings[key].match.confidence if key in bindings else None


def test_two_claudes_in_one_directory_are_told_apart_by_their_pid_files() -> None:
    found = match(
        [session("a"), session("b")],
        [process(1, ticks=11), process(2, ticks=22)],
        [note(2, "a", 22), note(1, "b", 11)],
    )

    assert (pid(found, "claude:a"), pid(found, "claude:b")) == (2, 1)
    assert confidence(found, "claude:a") == "high"


def test_a_reused_pid_is_not_the_process_of_an_old_note() -> None:
    old = session("old", last=START - 500)

    assert match([old], [process(7, ticks=99)], [note(7, "old", 11)]) == {}
    assert match([old], [process(7)], [note(7, "old", started_at=START - 900)]) == {}


def test_a_note_without_ticks_is_held_against_the_start_time() -> None:
    found = match([session("a")], [process(7)], [note(7, "a", started_at=START + 1)])

    assert pid(found, "claude:a") == 7


def test_a_note_binds_a_session_that_has_no_transcript_yet() -> None:
    found = match([], [process(7, ticks=1)], [note(7, "new", 1)])

    assert pid(found, "claude:new") == 7


def test_a_note_beats_the_arguments() -> None:
    found = match(
        [session("before"), session("after")],
        [process(7, ticks=1, named="before")],
        [note(7, "after", 1)],
    )

    assert pid(found, "claude:after") == 7
    assert "claude:before" not in found


def test_a_transcript_held_open_names_its_owner() -> None:
    found = match([session("t", "codex")], [process(5, "codex", cwd=9, holds=("t",))])

    assert (pid(found, "codex:t"), confidence(found, "codex:t")) == (5, "high")


def test_two_owners_of_one_transcript_are_ambiguous() -> None:
    owners = [process(5, "codex", holds=("t",)), process(6, "codex", holds=("t",))]
    found = match([session("t", "codex")], owners)

    assert confidence(found, "codex:t") == "ambiguous"
    assert found["codex:t"].match.candidates == (5, 6)


def test_the_client_of_a_daemon_is_found_by_its_directory() -> None:
    daemon = process(3, "codex", cwd=9, role="daemon", holds=("t",))
    found = match([session("t", "codex", cwd=2)], [daemon, process(5, "codex", cwd=2)])

    assert (pid(found, "codex:t"), confidence(found, "codex:t")) == (5, "medium")
    assert "server 3" in found["codex:t"].match.evidence[0]
    assert found["codex:t"].servers == (daemon,)


def test_a_server_of_its_agent_may_do_the_work_of_what_shows_a_session() -> None:
    server = process(3, "opencode", cwd=9, role="server")
    shown = process(5, "opencode", cwd=2)
    found = match([session("t", "opencode", cwd=2)], [server, shown])

    assert (found["opencode:t"].process, found["opencode:t"].servers) == (shown, (server,))


def test_a_daemon_may_serve_many_but_only_what_it_works_on() -> None:
    daemon = process(3, "codex", cwd=9, role="daemon", holds=("a", "b", "c"))
    sessions = [
        session("a", "codex", cwd=2, phase="tool"),
        session("b", "codex", cwd=3, phase="requested"),
        session("c", "codex", cwd=4, phase="done"),
    ]
    found = match(sessions, [daemon])

    assert (pid(found, "codex:a"), pid(found, "codex:b")) == (3, 3)
    assert "codex:c" not in found


def test_a_server_owns_every_session_it_holds() -> None:
    server = process(3, "codex", cwd=9, role="server", holds=("a", "b"))
    found = match([session("a", "codex"), session("b", "codex")], [server])

    assert (pid(found, "codex:a"), pid(found, "codex:b")) == (3, 3)


def test_an_id_in_the_arguments_holds_while_it_is_the_newest() -> None:
    resumed = session("r", started_at=1.0, last=START + 50)
    newer = session("n", started_at=START + 60, last=START + 70)

    assert pid(match([resumed], [process(7, named="r")]), "claude:r") == 7
    stale = match([resumed, newer], [process(7, named="r")])
    assert pid(stale, "claude:r") is None
    assert pid(stale, "claude:n") == 7


def test_a_resumed_session_not_yet_written_is_found_by_its_argument() -> None:
    found = match([session("r", started_at=1.0, last=5.0)], [process(7, named="r")])

    assert pid(found, "claude:r") == 7


def test_the_only_one_of_its_agent_in_a_directory_is_bound_by_it() -> None:
    found = match([session("a"), session("old", started_at=1.0, last=2.0)], [process(7)])

    assert (pid(found, "claude:a"), confidence(found, "claude:a")) == (7, "medium")
    assert "claude:old" not in found


def test_another_agents_process_is_never_bound() -> None:
    assert match([session("a")], [process(7, "codex")]) == {}


def test_two_processes_and_one_session_are_ambiguous() -> None:
    found = match([session("a")], [process(7), process(8)])

    assert confidence(found, "claude:a") == "ambiguous"
    assert found["claude:a"].match.candidates == (7, 8)


def test_two_sessions_written_side_by_side_are_not_guessed() -> None:
    sessions = [
        session("a", started_at=START + 1, last=START + 90),
        session("b", started_at=START + 5, last=START + 80),
    ]
    found = match(sessions, [process(7)])

    assert confidence(found, "claude:a") == confidence(found, "claude:b") == "ambiguous"


def test_after_clear_the_process_serves_the_newer_session() -> None:
    sessions = [
        session("a", started_at=START + 1, last=START + 20),
        session("b", started_at=START + 30, last=START + 80),
    ]
    found = match(sessions, [process(7)])

    assert pid(found, "claude:b") == 7
    assert "claude:a" not in found


def test_a_session_written_only_before_the_process_began_is_not_its_own() -> None:
    assert match([session("a", started_at=1.0, last=START - 60)], [process(7)]) == {}


def test_the_same_directory_by_another_path_is_the_same() -> None:
    linked = Candidate(
        "claude:a", "claude", "a", "/other/name", (1, 1), START, START + 5, Activity("done")
    )

    assert pid(match([linked], [process(7)]), "claude:a") == 7


def test_helpers_and_one_shots_serve_no_session() -> None:
    roles: list[Role] = ["helper", "mcp", "desktop", "one-shot", "wrapper"]

    for role in roles:
        assert match([session("a")], [process(7, role=role)]) == {}


def test_two_notes_for_one_session_are_ambiguous() -> None:
    found = match(
        [session("a")],
        [process(1, ticks=1), process(2, ticks=2)],
        [note(1, "a", 1), note(2, "a", 2)],
    )

    assert confidence(found, "claude:a") == "ambiguous"


def test_one_note_seen_by_two_paths_is_one_note() -> None:
    found = match([session("a")], [process(1, ticks=1)], [note(1, "a", 1), note(1, "a", 1)])

    assert (pid(found, "claude:a"), confidence(found, "claude:a")) == (1, "high")


def test_of_two_notes_of_one_process_the_newer_word_counts() -> None:
    old, new = note(1, "a", 1), note(1, "b", 1)
    old, new = replace(old, status_at=START), replace(new, status_at=START + 9)

    for notes in ([old, new], [new, old]):
        found = match([session("a"), session("b")], [process(1, ticks=1)], notes)
        assert (pid(found, "claude:a"), pid(found, "claude:b")) == (None, 1)
