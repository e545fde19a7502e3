"""Session ids on command lines: taken where the agent takes them, never from a prompt."""

from __future__ import annotations

import shlex

import pytest

from agtop.agents.signatures import SIGNATURES
from agtop.processes.classify import recognise

ID = "3fd424dd-d9f3-4856-b53d-556c97712415"
THREAD = "01a1fa1a-dc5e-74f3-8434-04444afc4375"

IDS = [
    (f"claude --resume {ID}", ID),
    (f"claude --resume={ID}", ID),
    (f"claude -r {ID} 'go on'", ID),
    (f"claude --session-id={ID}", ID),
    (f"claude -p 'go on' --resume {ID}", ID),
    (f"claude --resume {ID.upper()}", ID.upper()),
    (f"codex resume {ID}", ID),
    (f"codex -m gpt-5 resume {ID} 'go on'", ID),
    (f"codex resume --model gpt-5 {ID}", ID),
    (f"codex exec resume {ID} hi", ID),
    (f"codex exec --json resume {ID}", ID),
    (f"codex fork {ID}", None),
    (f"gemini --resume {ID}", ID),
    (f"copilot --resume={ID}", ID),
    (f"cursor-agent --resume {ID}", ID),
    ("claude --resume", None),
    ("claude --resume my-session", None),
    (f"claude --resume -- {ID}", None),
    (f"claude -- --resume {ID}", None),
    (f"claude 'please --resume {ID}'", None),
    (f"claude --append-system-prompt '--resume {ID}'", None),
    (f"claude --append-system-prompt --resume {ID}", None),
    (f"claude {ID}", None),
    (f"claude --resume {ID} --fork-session", None),
    (f"claude --resume {THREAD} --fork-session --session-id {ID}", ID),
    ("codex resume --last", None),
    (f"codex exec 'resume {ID}'", None),
    (f"codex exec hi resume {ID}", None),
    (f"codex exec -- resume {ID}", None),
    (f"codex 'resume' 'x' {ID}", None),
    (f"npm exec claude --resume {ID}", None),
    ("opencode -s ses_4f8a0c1b2ffeX9Qh2Zk1mPqRsT", None),
]


@pytest.mark.parametrize(("argv", "session_id"), IDS)
def test_a_session_id_counts_only_where_the_agent_takes_one(
    argv: str, session_id: str | None
) -> None:
    found = recognise("x", shlex.split(argv), None, SIGNATURES)

    assert found is not None
    assert found.session_id == session_id


@pytest.mark.parametrize(
    ("line", "is_unasked"),
    [
        ("gemini", False),
        ("gemini --yolo", True),
        ("node /x/bin/gemini -y", True),
        ("gemini --approval-mode yolo", True),
        ("gemini --approval-mode=yolo", True),
        ("gemini --approval-mode auto_edit", False),
    ],
)
def test_what_was_started_to_ask_nobody_is_known_by_its_options(
    line: str, is_unasked: bool
) -> None:
    argv = shlex.split(line)
    found = recognise(argv[0], argv, None, SIGNATURES)

    assert found is not None
    assert found.is_unasked is is_unasked
