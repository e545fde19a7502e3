"""What each actor plays: an opening that leaves it in its state, then more of the same."""

from __future__ import annotations

import time

from agtop.demo import claude_life, codex_life
from agtop.demo.claude import Transcript
from agtop.demo.codex import Rollout
from agtop.demo.jobs import JOBS, Job
from agtop.demo.live import LiveStage
from agtop.demo.paper import Record
from agtop.demo.turns import (
    answer,
    ask,
    bash,
    call_bash,
    claude_turn,
    codex_turn,
    edit,
    patch,
    read,
    reply,
    run_bash,
    say,
    shell,
    think,
    use,
)

_PACE, _LEFT = 118.0, 7_500.0
"""Codex's five hours: how much of them it is about to use, and the seconds that are left."""


def _claude(stage: LiveStage, model: str, hour: bool = False, typed: bool = True) -> Transcript:
    """The transcript of this actor's session."""
    transcript = Transcript(
        stage.home,
        stage.folder(stage.part["project"]),
        model,
        stage.dice,
        stage.clock,
        session=stage.part["session"],
        hour=hour,
        typed=typed,
    )
    stage.serve(transcript)
    return transcript


def _codex(stage: LiveStage, run: bool) -> Rollout:
    originator, source = ("codex_exec", "exec") if run else ("codex-tui", "cli")
    folder = stage.folder(stage.part["project"])
    rollout = Rollout(
        stage.home,
        folder,
        "gpt-5.5",
        stage.dice,
        stage.clock,
        originator=originator,
        source=source,
        keep_open=True,
    )
    stage.hold(rollout)
    rollout.begin()
    return rollout


def _jobs(stage: LiveStage) -> tuple[Job, ...]:
    return JOBS[stage.part["project"]]


def _go_on(stage: LiveStage, talk: Transcript, jobs: tuple[Job, ...]) -> None:
    """Work, as a person leads it, until a few minutes ago."""
    until, turn = time.time() - 240, 0
    while stage.clock.at < until:
        stage.pause(50, 260)
        claude_turn(stage, talk, jobs[0], back=turn % 2 == 0, fails=turn % 5 == 3)
        turn += 1
    if turn % 2:
        claude_turn(stage, talk, jobs[0])


def claude_works(stage: LiveStage) -> None:
    """Works through the project's jobs, and undoes them to begin again."""
    stage.past(57)
    talk, jobs = _claude(stage, "claude-opus-5-5", hour=True), _jobs(stage)
    claude_turn(stage, talk, jobs[0])
    talk.title(jobs[0].title)
    _go_on(stage, talk, jobs)
    stage.status("busy")
    talk.prompt(jobs[1].ask)
    read(stage, talk, jobs[1])
    edit(stage, talk, jobs[1])
    called = call_bash(stage, talk, jobs[1].command, "Check the change")
    stage.present(3)
    run_bash(stage, talk, called, jobs[1].command, jobs[1].output)
    answer(stage, talk, jobs[1].answer)
    turn = 2
    while True:
        back = turn // len(jobs) % 2 == 1
        job = jobs[turn % len(jobs)]
        stage.tell("claim", f"working on: {job.title}", job.file)
        claude_turn(stage, talk, job, back, fails=turn % 3 == 0)
        stage.tell("done", f"finished: {job.title}", job.file, checked_with=job.command)
        stage.pause(3, 6)
        turn += 1


def claude_waits(stage: LiveStage) -> None:
    """Needs a permission; gets it after a while and soon needs the next."""
    stage.past(14)
    talk, job = _claude(stage, "claude-sonnet-5"), _jobs(stage)[0]
    talk.prompt(job.ask)
    read(stage, talk, job)
    edit(stage, talk, job)
    talk.title(job.title)
    command = "git push --force-with-lease origin basket"
    called = call_bash(stage, talk, command, "Push the branch")
    stage.status("waiting", "permission prompt")
    stage.present(210)
    back = True
    while True:
        stage.pause(40)
        stage.status("busy")
        run_bash(stage, talk, called, command, "basket -> basket (forced update)")
        edit(stage, talk, job, back)
        called = call_bash(stage, talk, command, "Push the branch")
        stage.status("waiting", "permission prompt")
        back = not back


def _question(talk: Transcript) -> tuple[str, Record]:
    options = [
        {"label": "Per line", "description": "As the ledger does"},
        {"label": "Per invoice", "description": "As it is today"},
    ]
    question: Record = {
        "question": "Round per line or per invoice?",
        "header": "Rounding",
        "options": options,
        "multiSelect": False,
    }
    return use(talk, "AskUserQuestion", {"questions": [question]})


def claude_asks(stage: LiveStage) -> None:
    """Puts a question to the user; the answer brings the next one."""
    stage.past(9)
    talk, job = _claude(stage, "claude-opus-5-5"), _jobs(stage)[0]
    talk.prompt(job.ask)
    read(stage, talk, job)
    talk.title(job.title)
    tool, block = _question(talk)
    row = ask(stage, talk, [think(talk, job.thought), say("One thing first."), block], 900)
    stage.status("waiting", "question")
    stage.present(95)
    back = False
    while True:
        stage.pause(55)
        stage.status("busy")
        chosen = {"Round per line or per invoice?": "Per line"}
        talk.result(tool, row, "The user chose: Per line", {"answers": chosen})
        edit(stage, talk, job, back)
        bash(stage, talk, job.command, job.output)
        tool, block = _question(talk)
        row = ask(stage, talk, [say("And credit notes?"), block], 400)
        stage.status("waiting", "question")
        back = not back


def claude_idles(stage: LiveStage) -> None:
    """Has answered; now and then someone asks again."""
    stage.past(38)
    talk, jobs = _claude(stage, "claude-haiku-5-5"), _jobs(stage)
    claude_turn(stage, talk, jobs[0])
    talk.title(jobs[0].title)
    stage.present(640)
    while True:
        stage.pause(75)
        stage.status("busy")
        talk.prompt("Is the wording the same on every page?")
        ask(stage, talk, [say("It is, on all 118.")], 300, "end_turn")
        talk.end_turn()
        stage.status("idle")


def claude_leads(stage: LiveStage) -> None:
    """Sends subagents and waits for them."""
    stage.past(6)
    talk, jobs = _claude(stage, "claude-sonnet-5"), _jobs(stage)
    turn, ago = 0, 2.0
    while True:
        job = jobs[turn % len(jobs)]
        stage.status("busy")
        talk.prompt(f"Have a helper do this: {job.ask}")
        helper = claude_life.Subagent(talk, "claude-haiku-5-5", job.title, job.ask)
        stage.keep(helper.child.tally)
        row = ask(stage, talk, [say("Sending a helper."), helper.call()], 500)
        helper.begin()
        began = stage.clock.at
        bash(stage, helper.child, f"grep -rn {job.file} .", f"3 lines name {job.file}")
        if turn == 0:
            talk.title("Dunning and invoices with helpers")
            stage.present(ago)
        edit(stage, helper.child, job, turn // len(jobs) % 2 == 1)
        bash(stage, helper.child, job.command, job.output)
        ask(stage, helper.child, [say(job.answer)], 240, "end_turn")
        helper.end(row, job.answer, stage.clock.at - began)
        answer(stage, talk, job.answer)
        stage.status("idle")
        stage.pause(5)
        turn += 1


def claude_fails(stage: LiveStage) -> None:
    """The API is overloaded; a person has it go on, and it fails again."""
    stage.past(11)
    talk, job = _claude(stage, "claude-sonnet-5"), _jobs(stage)[1]
    talk.prompt(job.ask)
    read(stage, talk, job)
    talk.title(job.title)
    talk.request()
    stage.clock.tick(31)
    text = "API Error: 529 overloaded. The server is busy; try again in a moment."
    talk.error(text, 529, "server_error")
    talk.end_turn()
    stage.present(48)
    back = False
    while True:
        stage.pause(35)
        stage.status("busy")
        talk.prompt("Go on.")
        edit(stage, talk, job, back)
        talk.request()
        stage.pause(6)
        talk.error(text, 529, "server_error")
        talk.end_turn()
        stage.status("idle")
        back = not back


def claude_limited(stage: LiveStage) -> None:
    """Shares a directory with another session, and has used up its limit."""
    stage.past(52)
    talk, job = _claude(stage, "claude-opus-5-5"), _jobs(stage)[1]
    claude_turn(stage, talk, job)
    talk.title(job.title)
    talk.prompt("Do the same for the staging account.")
    talk.request()
    stage.clock.tick(2)
    talk.error("You've hit your limit · resets 7pm (UTC)", 429, "rate_limit")
    talk.end_turn()
    stage.present(1_500)
    while True:
        stage.pause(600)


def claude_leaves(stage: LiveStage) -> None:
    """A run from a script that is done after some twenty seconds."""
    stage.past(1)
    talk, job = _claude(stage, "claude-haiku-5-5", typed=False), _jobs(stage)[1]
    stage.status("busy")
    talk.prompt(job.ask)
    read(stage, talk, job)
    edit(stage, talk, job)
    stage.present(1)
    for _ in range(2):
        bash(stage, talk, job.command, job.output)
    stage.pause(4)
    answer(stage, talk, job.answer)
    claude_life.cost_state(talk)
    stage.status("idle")
    stage.pause(0.5)


def claude_forks(stage: LiveStage) -> None:
    """Enters late: takes up another session's conversation under a new id."""
    talk, job = _claude(stage, "claude-haiku-5-5"), _jobs(stage)[1]
    origin = stage.part["origin"]
    claude_life.fork(f"{talk.folder}/{origin}.jsonl", origin, talk)
    talk.talk.context = 24_000
    talk.title("Changelog, another way")
    stage.present(0)
    back = False
    while True:
        claude_turn(stage, talk, job, back)
        stage.pause(12)
        back = not back


def codex_works(stage: LiveStage) -> None:
    """`codex exec`: the process that writes the rollout holds it open, and its lock."""
    stage.past(2)
    rollout, jobs = _codex(stage, run=True), _jobs(stage)
    rollout.primary, rollout.resets_at = _PACE, time.time() + _LEFT
    codex_life.name(rollout, "Invoices, reminders and their tests")
    codex_turn(stage, rollout, jobs[0], "exec")
    rollout.prompt(jobs[1].ask, "exec")
    patch(stage, rollout, jobs[1])
    stage.present(2)
    shell(stage, rollout, jobs[1].command, jobs[1].output)
    reply(stage, rollout, jobs[1].answer)
    turn = 2
    while True:
        back = turn // len(jobs) % 2 == 1
        job = jobs[turn % len(jobs)]
        codex_turn(stage, rollout, job, "exec", back)
        stage.tell("finding", f"this line looks wrong: {job.old.strip()}", job.file, turn=turn)
        stage.pause(1, 3)
        turn += 1


def codex_idles(stage: LiveStage) -> None:
    """A terminal that waits for its next prompt."""
    stage.past(31)
    rollout, jobs = _codex(stage, run=False), _jobs(stage)
    rollout.primary, rollout.resets_at = _PACE, time.time() + _LEFT
    codex_turn(stage, rollout, jobs[2])
    codex_life.name(rollout, jobs[2].title)
    stage.present(420)
    back = True
    while True:
        stage.pause(90)
        codex_turn(stage, rollout, jobs[2], back=back)
        back = not back


SCENES = {
    scene.__name__: scene
    for scene in (
        claude_works,
        claude_waits,
        claude_asks,
        claude_idles,
        claude_leads,
        claude_fails,
        claude_limited,
        claude_leaves,
        claude_forks,
        codex_works,
        codex_idles,
    )
}
