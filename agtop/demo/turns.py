"""Turns of a conversation, for either agent, on any stage."""

from __future__ import annotations

from agtop.demo.claude import Transcript
from agtop.demo.codex import Rollout
from agtop.demo.jobs import Job
from agtop.demo.paper import Record
from agtop.demo.stage import Stage


def think(transcript: Transcript, text: str) -> Record:
    return {"type": "thinking", "thinking": text, "signature": transcript.dice.base62(24)}


def say(text: str) -> Record:
    return {"type": "text", "text": text}


def ask(
    stage: Stage, transcript: Transcript, blocks: list[Record], added: int, stop: str = "tool_use"
) -> str:
    """One request and its answer; the id of the answer's last row."""
    dice = stage.dice
    transcript.request()
    stage.burn(0.05)
    stage.pause(1.2, 3.4)
    reasoning = dice.number(40, 320) if blocks[0]["type"] == "thinking" else 0
    output = reasoning + dice.number(90, 640)
    spend = transcript.talk.claude(dice.number(3, 14), added, output, reasoning)
    return transcript.reply(blocks, spend, stop)


def use(transcript: Transcript, name: str, arguments: Record) -> tuple[str, Record]:
    """A tool call: its id and its block."""
    identity = f"toolu_01{transcript.dice.base62(22)}"
    return identity, {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def read(stage: Stage, transcript: Transcript, job: Job) -> None:
    path = f"{transcript.cwd}/{job.file}"
    tool, block = use(transcript, "Read", {"file_path": path})
    row = ask(stage, transcript, [think(transcript, job.thought), say("Reading."), block], 700)
    stage.pause(0.1)
    file = {
        "filePath": path,
        "content": f"{job.old}\n",
        "numLines": 1,
        "startLine": 1,
        "totalLines": 1,
    }
    transcript.result(tool, row, f"1\t{job.old}", {"type": "text", "file": file})


def edit(stage: Stage, transcript: Transcript, job: Job, back: bool = False) -> None:
    """Replace the job's line; `back` undoes an earlier round, so that work never runs out."""
    old, new = (job.new, job.old) if back else (job.old, job.new)
    path = f"{transcript.cwd}/{job.file}"
    arguments: Record = {"replace_all": False, "file_path": path, "old_string": old}
    tool, block = use(transcript, "Edit", arguments | {"new_string": new})
    row = ask(stage, transcript, [block], stage.dice.number(500, 2_600))
    stage.pause(0.1)
    stage.write(path, f"{new}\n")
    patch = {
        "oldStart": 1,
        "oldLines": 1,
        "newStart": 1,
        "newLines": 1,
        "lines": [f"-{old}", f"+{new}"],
    }
    result: Record = {
        "filePath": path,
        "oldString": old,
        "newString": new,
        "originalFile": f"{old}\n",
        "structuredPatch": [patch],
        "userModified": False,
        "replaceAll": False,
    }
    transcript.lines_added += 1
    transcript.lines_removed += 1
    transcript.result(tool, row, f"The file {path} has been updated.", result)


def bash(
    stage: Stage, transcript: Transcript, command: str, output: str, error: bool = False
) -> None:
    called = call_bash(stage, transcript, command, "Check the change")
    run_bash(stage, transcript, called, command, output, error)


def call_bash(stage: Stage, transcript: Transcript, command: str, text: str) -> tuple[str, str]:
    """The model asks for a command: the ids of the call and of its row."""
    tool, block = use(transcript, "Bash", {"command": command, "description": text})
    return tool, ask(stage, transcript, [say(text), block], stage.dice.number(200, 900))


def run_bash(
    stage: Stage,
    transcript: Transcript,
    called: tuple[str, str],
    command: str,
    output: str,
    error: bool = False,
) -> None:
    stage.run(command, stage.dice.seconds(2.0, 5.0))
    shown: Record = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
    content = f"Exit code 1\n{output}" if error else output
    result = f"Error: {content}" if error else shown | {"noOutputExpected": False}
    transcript.result(*called, content, result, error)


def answer(stage: Stage, transcript: Transcript, text: str) -> None:
    ask(stage, transcript, [say(text)], stage.dice.number(200, 800), "end_turn")
    transcript.end_turn()


def claude_turn(
    stage: Stage, transcript: Transcript, job: Job, back: bool = False, fails: bool = False
) -> None:
    """A whole turn: look, change, check, answer."""
    stage.status("busy")
    transcript.prompt(job.ask)
    read(stage, transcript, job)
    edit(stage, transcript, job, back)
    if fails:
        bash(stage, transcript, job.command, "1 failed: expected the line before", error=True)
        edit(stage, transcript, job, back)
    bash(stage, transcript, job.command, job.output)
    answer(stage, transcript, job.answer)
    stage.status("idle")


def respond(stage: Stage, rollout: Rollout, thought: str, text: str) -> None:
    """One answer of Codex up to its tool calls."""
    stage.burn(0.05)
    stage.pause(1.2, 3.4)
    if thought:
        rollout.think(thought)
    if text:
        rollout.say(text)


def spent(stage: Stage, rollout: Rollout, searches: int = 0) -> None:
    dice = stage.dice
    reasoning = dice.number(0, 420)
    output = reasoning + dice.number(60, 520)
    spend = rollout.talk.codex(dice.number(300, 2_200), output, reasoning)
    spend.searches = searches
    rollout.spent(spend)


def shell(stage: Stage, rollout: Rollout, command: str, output: str) -> None:
    respond(stage, rollout, "", "Checking.")
    call = rollout.call("exec_command", {"cmd": command, "yield_time_ms": 30_000})
    spent(stage, rollout)
    seconds = stage.dice.seconds(2.0, 5.0)
    stage.run(command, seconds)
    item: Record = {
        "id": call,
        "process_id": str(stage.dice.number(10_000, 99_999)),
        "command": ["/bin/bash", "-lc", command],
        "cwd": f"file://{rollout.cwd}",
        "parsed_cmd": [{"type": "unknown", "cmd": command}],
        "source": "unified_exec_startup",
        "status": "completed",
        "aggregated_output": f"{output}\n",
        "exit_code": 0,
        "duration": {"secs": int(seconds), "nanos": 0},
    }
    rollout.item("CommandExecution", item, seconds)
    rollout.output(call, f"Wall time: {seconds:.4f} seconds\nOutput:\n{output}\n")
    rollout.count()


def patch(stage: Stage, rollout: Rollout, job: Job, back: bool = False) -> None:
    old, new = (job.new, job.old) if back else (job.old, job.new)
    path = f"{rollout.cwd}/{job.file}"
    respond(stage, rollout, job.thought, f"Changing {job.file}.")
    lines = f"*** Update File: {path}\n@@\n-{old}\n+{new}\n"
    call = rollout.patch(f"*** Begin Patch\n{lines}*** End Patch")
    spent(stage, rollout)
    stage.write(path, f"{new}\n")
    change = {"type": "update", "unified_diff": f"@@ -1 +1 @@\n-{old}\n+{new}\n", "move_path": None}
    listed = f"Success. Updated the following files:\nM {path}\n"
    item: Record = {"id": call, "changes": {path: change}, "status": "completed"}
    rollout.item("FileChange", item | {"stdout": listed, "stderr": ""}, 0.01)
    rollout.output(call, f"Exit code: 0\nOutput:\n{listed}", "custom_tool_call_output")
    rollout.count()


def reply(stage: Stage, rollout: Rollout, text: str, searches: int = 0) -> None:
    respond(stage, rollout, "", text)
    spent(stage, rollout, searches)
    rollout.count()
    rollout.end_turn(text)


def codex_turn(
    stage: Stage, rollout: Rollout, job: Job, trigger: str = "user", back: bool = False
) -> None:
    """A whole turn: change, check, answer."""
    rollout.prompt(job.ask, trigger)
    patch(stage, rollout, job, back)
    shell(stage, rollout, job.command, job.output)
    reply(stage, rollout, job.answer)
