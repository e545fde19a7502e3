"""What a Claude Code transcript tells of others at work in the same place."""

from __future__ import annotations

import re

from agtop.agents.claude.records import Attachment, Block, Row, ToolInput
from agtop.agents.decode import Decoder
from agtop.agents.writes import Writes, sign_of

_CHANGED = b"edited_text_file"
_SWITCH = re.compile(
    r"\b(checkout|switch|worktree|rebase|bisect|stash\s+branch|branch\s+-[mMcC])\b"
)
_SPAWNING = frozenset({"Agent", "Task", "Workflow"})
_SHELL = frozenset({"Bash", "PowerShell"})
_MOST = 256
_ATTACHMENTS = Decoder(Attachment)


class Foreign:
    """Tells what the session did itself from what happened to it."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        """Call id → the file that it is to write."""
        self._may_switch = False
        """It has itself run what may check out another branch since the user's last words."""

    def prompted(self, said: str) -> None:
        """The user typed; a shell command typed to the agent is one of the session's own."""
        self._may_switch = said.startswith("<bash-") and _SWITCH.search(said) is not None

    def called(self, name: str, call: str, given: ToolInput | None) -> None:
        if name in _SPAWNING:
            self._may_switch = True
        elif given is None:
            return
        elif name in _SHELL:
            self._may_switch |= _SWITCH.search(given.command or "") is not None
        elif path := given.file_path or given.notebook_path:
            self._paths[call] = path
            if len(self._paths) > _MOST:
                del self._paths[next(iter(self._paths))]

    def failed(self, writes: Writes, row: Row, block: Block, at: float | None) -> None:
        """A call was refused, perhaps since another has been at the file."""
        path = self._paths.pop(block.tool_use_id or "", None)
        if path is None:
            return
        said = bytes(row.tool_use_result) + bytes(block.content)
        sign = sign_of(said[:800].decode("utf-8", "replace"))
        if sign is not None:
            writes.met(sign, path, at, row.cwd)

    def told(self, writes: Writes, row: Row, at: float | None) -> None:
        """Claude Code tells the model that a file it had read is another now."""
        raw = bytes(row.attachment)
        if _CHANGED not in raw:
            return
        attachment = _ATTACHMENTS.decode(raw)
        if attachment is not None and attachment.type == "edited_text_file" and attachment.filename:
            writes.met("changed", attachment.filename, at, row.cwd)

    def placed(
        self, writes: Writes, row: Row, at: float | None, cwd: str | None, branch: str | None
    ) -> None:
        """A row is made in `row.cwd` on `row.git_branch`; the one before in `cwd` on `branch`."""
        now = row.git_branch
        if now is None or branch is None or now == branch or row.cwd != cwd or cwd is None:
            return
        if not self._may_switch:
            writes.met("branch", cwd, at, said=f"{branch} to {now}")


class _Blind(Foreign):
    """Sees nothing, where what went before was passed over."""

    def prompted(self, said: str) -> None:
        pass

    def called(self, name: str, call: str, given: ToolInput | None) -> None:
        pass

    def failed(self, writes: Writes, row: Row, block: Block, at: float | None) -> None:
        pass

    def told(self, writes: Writes, row: Row, at: float | None) -> None:
        pass

    def placed(
        self, writes: Writes, row: Row, at: float | None, cwd: str | None, branch: str | None
    ) -> None:
        pass


BLIND = _Blind()
