"""Whether a file was made or changed, where the agent's files tell it, and nothing where not."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from agtop.agents.crush.records import Data, Part
from agtop.agents.crush.records import Message as CrushMessage
from agtop.agents.crush.telling import tell
from agtop.agents.facts import Facts
from agtop.agents.gemini import tools
from agtop.agents.goose.records import Message
from agtop.agents.goose.telling import Teller
from agtop.model import WriteKind
from tests.agents.sums import LATER
from tests.homes import everyone
from tests.worlds import World


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ({"isNewFile": True}, "create"),
        ({"isNewFile": False, "originalContent": ""}, "edit"),
        ({"originalContent": "", "newContent": "x"}, "create"),
        ({"originalContent": "a", "newContent": "x"}, "edit"),
        ({"fileDiff": "+x"}, None),
        ({"isNewFile": "perhaps"}, None),
    ],
)
def test_gemini_and_qwen_tell_by_the_result(shown: object, kind: WriteKind | None) -> None:
    assert tools.kind(tools.display(msgspec.Raw(json.dumps(shown).encode()))) == kind


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("developer__text_editor", {"command": "str_replace", "path": "/a"}, "edit"),
        ("developer__text_editor", {"command": "write", "path": "/a"}, None),
        ("edit_file", {"path": "/a"}, "edit"),
        ("create_file", {"path": "/a"}, "create"),
    ],
)
def test_goose_tells_by_its_tool(name: str, given: object, kind: WriteKind | None) -> None:
    facts = Facts("s")
    asked: dict[str, object] = {
        "type": "toolRequest",
        "id": "1",
        "toolCall": {"status": "success", "value": {"name": name, "arguments": given}},
    }
    done: dict[str, object] = {"type": "toolResponse", "id": "1", "toolResult": {"status": "success"}}  # fmt: skip
    teller = Teller(facts)

    teller.take(Message(1, "assistant", 1.0, True, [asked]))
    teller.take(Message(2, "user", 2.0, True, [done]))

    assert [write.kind for write in facts.writes.files()] == [kind]


@pytest.mark.parametrize(
    ("told", "kind"),
    [({"old_content": ""}, "create"), ({"old_content": "x"}, "edit"), ({}, None), ([], None)],
)
def test_crush_tells_by_what_the_file_held(told: object, kind: WriteKind | None) -> None:
    facts = Facts("s")
    call = Data(id="1", name="edit", input='{"file_path": "/a"}')
    result = Data(tool_call_id="1", name="edit", metadata=json.dumps(told))

    tell(
        facts,
        [
            CrushMessage(1, "assistant", None, 1.0, False, (Part("tool_call", call),)),
            CrushMessage(2, "tool", None, 2.0, False, (Part("tool_result", result),)),
        ],
    )

    assert [write.kind for write in facts.writes.files()] == [kind]


@pytest.mark.parametrize("name", ["gemini-0.61.0", "qwen-0.24.4"])
def test_real_sessions_made_files_and_changed_them(corpus: Path, name: str) -> None:
    snapshot = World(corpus / name / "home", now=LATER).collect()

    kinds = {write.kind for row in everyone(snapshot).values() for write in row.reading.writes}

    assert kinds >= {"create", "edit"}
    assert None not in kinds
