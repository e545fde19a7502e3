"""Writes transcripts as Claude Code 2.1.329, 2.1.80 and 1.0.128 do, shape by shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.pen import Pen
from tests.bench.truth import Spent

NEW, MIDDLE, OLD = "2.1.329", "2.1.80", "1.0.128"
_NULL = "null"
_SHAPE_FROM = 200_000
"""Bytes from which on a session holds its system prompt: small ones would be nothing else."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Session:
    """One transcript of a session, or of a subagent."""

    pen: Pen
    session_id: str
    version: str
    cwd: str
    model: str
    agent_id: str = ""
    """Set for a subagent: `session_id` is its parent's then."""
    errands: list[tuple[str, Path]] = field(default_factory=list[tuple[str, Path]])
    """(agent id, transcript) of subagents it sends out."""
    copied: Sequence[bytes] = ()
    """Rows of the session it goes on from."""
    _parent: str = ""
    _context: int = 12_000
    _turns: int = 0

    def write(self) -> None:
        """Turns until the transcript is as long as it should be."""
        self._begin()
        while not self.pen.is_full:
            self._turn()
        self._end()

    # ---- the session

    def _begin(self) -> None:
        if self.version == NEW and not self.agent_id:
            self._note("mode", '"mode":"normal"')
            self._note("permission-mode", '"permissionMode":"acceptEdits"')
            self._note("atis-latch", '"atis":""')
        for row in self.copied:
            self.pen.copy((row,), int(b'"role":"assistant"' in row[:300]))

    def _end(self) -> None:
        if self.version == OLD:
            return
        self._note("last-prompt", '"lastPrompt":"go on"')
        if self.version == NEW and not self.agent_id:
            title = self.pen.prose(30).strip()
            self._note("ai-title", b'"aiTitle":"', title, b'"')

    def _turn(self) -> None:
        pen = self.pen
        self._turns += 1
        pen.passes(120)
        began = pen.now
        self._prompt()
        if self._turns == 1 and self.version == NEW:
            self._shape()
        for _ in range(pen.chance.randrange(2, 14)):
            self.response()
            if pen.is_full:
                break
        if self.version == NEW and not self.agent_id:
            spent = int((pen.now - began) * 1000)
            self._row("system", f'"subtype":"turn_duration","durationMs":{spent},"messageCount":9')
        if pen.chance.random() < 0.02:
            self._failed()

    def _prompt(self) -> None:
        text = self.pen.prose(self.pen.around(200, 4000))
        self._row("user", b'"message":{"role":"user","content":"', text, b'"}')
        if self.version == NEW and not self.agent_id:
            head = f'{{"type":"file-history-snapshot","messageId":"{self._parent}","snapshot":'
            rest = f'{{"messageId":"{self._parent}","trackedFileBackups":{{}},"timestamp":'
            self.pen.line(head, rest, f'"{self.pen.stamp()}"}},"isSnapshotUpdate":false}}')

    def _shape(self) -> None:
        """The system prompt and the tools, as sent."""
        if self.pen.target < _SHAPE_FROM:
            return
        head = f'"shapeHash":"{self.pen.chance.getrandbits(256):064x}","version":"{NEW}","shape":'
        text = self.pen.prose(45_000)
        self._note(
            "api-request-shape",
            head,
            b'{"system":[{"type":"text","text":"',
            text,
            b'"}],"tools":[]}',
        )

    def _failed(self) -> None:
        """A row the program made itself: no model answered, nothing was spent."""
        usage = _usage(Spent(0, 0, 0, 0, 0, 0), self.version, 0, "")
        message = f'{{"id":"{self.pen.uuid()}","type":"message","role":"assistant","model":'
        rest = '"<synthetic>","content":[{"type":"text","text":"API Error: Overloaded"}],'
        stop = '"stop_reason":"stop_sequence","stop_sequence":"","usage":'
        self._row(
            "assistant",
            f'"message":{message}{rest}{stop}{usage}}}',
            after='"isApiErrorMessage":true,',
        )

    # ---- one response of the model

    def response(self) -> None:
        """A request, the blocks of its answer, and what the tools said."""
        pen, chance = self.pen, self.pen.chance
        pen.passes(2)
        request = self._request() if self.version == NEW else ""
        if request:
            self._note("tools-used", '"tools":["Bash","Read","Edit"]')
        spent = self._spend()
        id = "msg_01" + "".join(chance.choices(_DIGITS, k=22))  # noqa: A001
        calls = ["toolu_01" + "".join(chance.choices(_DIGITS, k=22)) for _ in range(2)]
        calls = calls[: 1 + (chance.random() < 0.6)]
        blocks = [self._thinking(), self._say(), *(self._call(call) for call in calls)]
        is_streamed = self.version != NEW or chance.random() < 0.5
        stepwise = chance.random() < 0.08
        for n, block in enumerate(blocks):
            pen.passes(1)
            is_last = n == len(blocks) - 1
            placeholder = is_streamed and not is_last
            out = chance.randrange(1, 9) if placeholder else spent.output
            usage = _usage(
                spent._replace(output=out),
                self.version,
                spent.reasoning,
                self.model if stepwise else "",
            )
            stop = _NULL if placeholder else '"tool_use"'
            self._answer(id, block, stop, usage, n, request)
        pen.spend(self.model, spent)
        if request and not self.agent_id:
            self._note("last-prompt", f'"lastPrompt":"go on","leafUuid":"{self._parent}"')
        for call in calls:
            self._result(call)
        if self.errands:
            self._errand(*self.errands.pop(0))

    def _spend(self) -> Spent:
        chance = self.pen.chance
        written = chance.randrange(200, 6000)
        if self._context > 150_000:  # compacted
            self._context = 12_000
        read, self._context = self._context, self._context + written
        output = self.pen.around(300, 6000) + 9
        long = chance.randrange(written) if chance.random() < 0.3 else 0
        thought = chance.randrange(output) if self.version == NEW else 0
        return Spent(chance.randrange(2, 40), read, written - long, long, output, thought)

    def _request(self) -> str:
        """The record of the request; the rows of its response refer to it."""
        pen = self.pen
        ref = pen.uuid()
        tail = ",".join(f'"{pen.chance.getrandbits(256):064x}"' for _ in range(2))
        self._note(
            "api-request",
            f'"id":"{ref}","timestamp":"{pen.stamp()}","version":"{NEW}","querySource":'
            f'"repl_main_thread","shapeHash":"{pen.chance.getrandbits(256):064x}","params":{{"model":'
            f'"{self.model}","betas":["claude-code-20250219","interleaved-thinking-2025-05-14",'
            '"context-management-2025-06-27"],"max_tokens":64000,"thinking":{"type":"adaptive"},'
            f'"output_config":{{"effort":"medium"}}}},"keep":2,"tail":[{tail}],"cacheControl":'
            '[{"path":["system",0],"value":{"type":"ephemeral"}}],'
            f'"requestDigest":"{pen.chance.getrandbits(256):064x}"',
        )
        return ref

    def _answer(self, id: str, block: bytes, stop: str, usage: str, n: int, request: str) -> None:  # noqa: A002
        details = ',"stop_details":null' if self.version == NEW else ""
        after = f'"requestId":"req_{id[4:]}",'
        if self.version == NEW:
            after = (
                f'"apiBlockIndex":{n},{after}"requestRef":"{request}","requestedModel":'
                f'"{self.model}","promptCacheRequested":"5m",'
            )
        self._row(
            "assistant",
            f'"message":{{"id":"{id}","type":"message","role":"assistant","model":"{self.model}",'
            '"content":[',
            block,
            f'],"stop_reason":{stop},"stop_sequence":null,"usage":{usage}{details}}}',
            after=after,
            is_usage=True,
        )

    def _thinking(self) -> bytes:
        text = self.pen.prose(self.pen.around(250, 4000))
        signature = f"{self.pen.chance.getrandbits(1600):0400x}".encode()
        return b'{"type":"thinking","thinking":"%b","signature":"%b"}' % (text, signature)

    def _say(self) -> bytes:
        return b'{"type":"text","text":"%b"}' % self.pen.prose(self.pen.around(200, 4000))

    def _call(self, call: str) -> bytes:
        text = self.pen.prose(self.pen.around(350, 20_000))
        head = f'{{"type":"tool_use","id":"{call}","name":"Bash","input":{{"command":"'
        return head.encode() + text + b'","description":"run it"}}'

    def _result(self, call: str) -> None:
        """What a tool said: once for the model and once for the screen, 1 to 300 KB in all."""
        pen = self.pen
        pen.passes(8)
        text = pen.prose(pen.around(3900, 150_000, 1.25) + 400)
        self._row(
            "user",
            f'"message":{{"role":"user","content":[{{"tool_use_id":"{call}","type":"tool_result",'
            '"content":"',
            text,
            b'","is_error":false}]}',
            after=b'"toolUseResult":{"stdout":"' + text + b'","stderr":"","interrupted":false},',
        )

    # ---- subagents

    def _errand(self, agent_id: str, transcript: Path) -> None:
        """The result of a subagent carries a usage that already stands in its own transcript."""
        call = "toolu_01" + "".join(self.pen.chance.choices(_DIGITS, k=22))
        if self.version == MIDDLE:
            self._progress(agent_id, transcript, call)
        usage = _usage(Spent(40, 60_000, 3000, 0, 900, 0), self.version, 0, "")
        report = self.pen.prose(1500)
        self._row(
            "user",
            f'"message":{{"role":"user","content":[{{"tool_use_id":"{call}","type":"tool_result",'
            '"content":[{"type":"text","text":"',
            report,
            b'"}]}]}',
            after=f'"toolUseResult":{{"status":"completed","agentId":"{agent_id}","totalTokens":'
            f'63940,"totalToolUseCount":3,"totalDurationMs":9000,"usage":{usage}}},',
        )

    def _progress(self, agent_id: str, transcript: Path, call: str) -> None:
        """Versions before 2.1.100 repeat a subagent's rows in its parent's transcript."""
        with open(transcript, "rb") as file:
            rows = [line.rstrip() for line in file.readlines(1 << 16)]
        for row in [row for row in rows if b'"role":"assistant"' in row and row.endswith(b"}")][:3]:
            self._row(
                "progress",
                b'"data":{"message":',
                row,
                f',"type":"agent_progress","prompt":"","agentId":"{agent_id}"}}',
                after=f'"toolUseID":"agent_{call}","parentToolUseID":"{call}",',
            )

    # ---- rows

    def _note(self, kind: str, *parts: bytes | str) -> None:
        """A record outside the chain of rows."""
        self.pen.line(f'{{"type":"{kind}","sessionId":"{self.session_id}",', *parts, "}")

    def _row(
        self, kind: str, *parts: bytes | str, after: bytes | str = "", is_usage: bool = False
    ) -> None:
        """A row of the chain, its keys in the order the version writes them."""
        parent = f'"{self._parent}"' if self._parent else _NULL
        self._parent = self.pen.uuid()
        side = "true" if self.agent_id else "false"
        head = f'{{"parentUuid":{parent},"isSidechain":{side},'
        if self.agent_id:
            head += f'"agentId":"{self.agent_id}",'
        own = f'"uuid":"{self._parent}","timestamp":"{self.pen.stamp()}"'
        type_ = f'"type":"{kind}",'
        where = f'"cwd":"{self.cwd}","sessionId":"{self.session_id}","version":"{self.version}"'
        where += ',"gitBranch":"main"'
        if self.version == OLD:
            head += f'"userType":"external",{where},'
            tail = f"{own}}}"
        else:
            is_told = self.version == NEW and (kind != "user" or after)  # a prompt does not say
            made = f',"session_id":"{self.session_id}"' if is_told else ""
            tail = f'{own}{made},"userType":"external","entrypoint":"cli",{where}}}'
        if kind == "assistant":
            tail = type_ + tail
        else:
            head += type_
        self.pen.line(head, *parts, ",", after, tail, is_usage=is_usage)


def torn(session: Session) -> bytes:
    """A row that a killed process did not finish; nothing else of its response was written."""
    head = '{"parentUuid":null,"isSidechain":false,"message":{"id":"msg_torn","type":"message",'
    usage = _usage(Spent(7, 50_000, 900, 0, 700, 0), session.version, 0, "")
    return (
        head + f'"role":"assistant","model":"{session.model}","content":[],"usage":{usage},'
        f'"timestamp":"{session.pen.stamp()}","sessionId":"{session.session_id}"}}}}'
    ).encode()


def forked(lines: Sequence[bytes], old: str, new: str) -> list[bytes]:
    """The rows of `lines` as --fork-session copies them: the ids of messages stay."""
    said = f'"sessionId":"{old}"'.encode()
    own = f'"requestSessionId":"{old}","sessionId":"{new}"'.encode()
    return [line.replace(said, own) for line in lines if line.startswith(b'{"parentUuid":')]


def resumed(lines: Sequence[bytes], old: str, new: str) -> list[bytes]:
    """The rows as --resume copied them before 2.0: only the session's id differs."""
    said, own = f'"sessionId":"{old}"'.encode(), f'"sessionId":"{new}"'.encode()
    return [line.replace(said, own) for line in lines]


def _usage(spent: Spent, version: str, thought: int, stepwise: str) -> str:
    """The usage object; `stepwise` names the model of a server-side loop's only step."""
    split = (
        f'{{"ephemeral_5m_input_tokens":{spent.cache_write_5m},'
        f'"ephemeral_1h_input_tokens":{spent.cache_write_1h}}}'
    )
    counts = (
        f'"input_tokens":{spent.input},"cache_creation_input_tokens":'
        f'{spent.cache_write_5m + spent.cache_write_1h},"cache_read_input_tokens":{spent.cache_read}'
    )
    if version != NEW:
        return (
            f'{{{counts},"cache_creation":{split},"output_tokens":{spent.output},'
            '"service_tier":"standard","inference_geo":"not_available"}'
        )
    out = f'"output_tokens":{spent.output}'
    steps = f'{{"type":"message",{counts},{out},"cache_creation":{split}}}' if stepwise else ""
    return (
        f'{{{counts},{out},"output_tokens_details":{{"thinking_tokens":{min(thought, spent.output)}}},'
        '"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":'
        f'"standard","cache_creation":{split},"inference_geo":"not_available","iterations":[{steps}],'
        '"speed":"standard","fallback_credit":null}'
    )
