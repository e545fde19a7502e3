"""Writes rollouts as Codex 0.169 and 0.105 do, shape by shape."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.pen import Pen, stamp, timed_uuid
from tests.bench.truth import Spent

NEW, OLD = "0.169.0", "0.105.0"
_WINDOW = 272_000


@dataclass(frozen=True)
class Past:
    """Where a thread stands: a fork of it goes on from here."""

    thread_id: str
    total: Spent = Spent(0, 0, 0, 0, 0, 0)
    ordinal: int = 0
    size: int = 0


@dataclass
class Thread:
    """One rollout."""

    pen: Pen
    thread_id: str
    version: str
    cwd: str
    model: str
    parent: Past | None = None
    """The thread it was forked from."""
    history: list[bytes] | None = None
    """The parent's lines, where the version copies them."""
    _total: Spent = Spent(0, 0, 0, 0, 0, 0)
    _last: Spent = Spent(0, 0, 0, 0, 0, 0)
    _ordinal: int = 0
    _context: int = 9000
    _turn_id: str = ""

    def write(self) -> None:
        """Turns until the rollout is as long as it should be."""
        self._begin()
        while not self.pen.is_full:
            self._turn()

    def end(self) -> Past:
        return Past(self.thread_id, self._total, self._ordinal, self.pen.size)

    # ---- the thread

    def _begin(self) -> None:
        base, fork = self.parent, ""
        if base is not None:
            self._total = base.total
            fork = f'"forked_from_id":"{base.thread_id}",'
            if self.version == NEW:
                self._ordinal = base.ordinal
                fork += f'"forked_from_ordinal_exclusive":{base.ordinal},'
                fork += f'"history_base":{{"thread_id":"{base.thread_id}","end_ordinal_exclusive":'
                fork += (
                    f'{base.ordinal},"end_byte_offset":{base.size}}},"history_mode":"paginated",'
                )
        session = f'"session_id":"{self.thread_id}",' if self.version == NEW else ""
        self._line(
            "session_meta",
            f'{{{session}"id":"{self.thread_id}",{fork}"timestamp":"{self.pen.stamp()}","cwd":'
            f'"{self.cwd}","originator":"codex-tui","cli_version":"{self.version}","source":"cli",'
            '"model_provider":"openai","base_instructions":{"text":"',
            self.pen.prose(14_000),
            '"},"git":{"branch":"main"}}',
        )
        if self.history is not None:
            self._replay(self.history)

    def _replay(self, history: list[bytes]) -> None:
        """Old forks begin with the parent's history, stamped with the time of the fork."""
        said = f'{{"timestamp":"{self.pen.stamp()}"'.encode()
        for line in history:
            usage = int(b'"total_token_usage"' in line)
            self.pen.copy((said + line[len(said) :],), usage)
        self.pen.passes(60)

    def _turn(self) -> None:
        pen = self.pen
        pen.passes(120)
        began = pen.now
        self._turn_id = timed_uuid(pen.chance, began)
        turn = f'"turn_id":"{self._turn_id}"'
        self._event("task_started", f'{turn},"model_context_window":{_WINDOW}')
        self._context_of_turn()
        self._prompt()
        if self.version == OLD:
            self._event("token_count", '"info":null,"rate_limits":null')
        for _ in range(pen.chance.randrange(2, 12)):
            self._response()
            if pen.is_full:
                break
        spent = int((pen.now - began) * 1000)
        self._event("task_complete", f'{turn},"last_agent_message":"Done.","duration_ms":{spent}')

    def _context_of_turn(self) -> None:
        extra = ""
        if self.version == OLD:
            extra = ',"user_instructions":"' + self.pen.prose(1200).decode() + '"'
        self._line(
            "turn_context",
            f'{{"turn_id":"{self._turn_id}","cwd":"{self.cwd}","approval_policy":"never",'
            f'"model":"{self.model}","collaboration_mode":{{"mode":"default","settings":{{"model":'
            f'"{self.model}","reasoning_effort":null}}}},"summary":"auto"{extra}}}',
        )

    def _prompt(self) -> None:
        text = self.pen.prose(self.pen.around(200, 4000))
        content = b'"content":[{"type":"input_text","text":"' + text + b'"}]'
        self._item("message", b'"role":"user",' + content)
        if self.version == OLD:
            self._event("user_message", b'"message":"' + text + b'","images":[]')
        else:
            self._done("UserMessage", b'"content":[{"type":"text","text":"' + text + b'"}]')

    # ---- one response of the model

    def _response(self) -> None:
        pen = self.pen
        pen.passes(4)
        if self.version == OLD and pen.chance.random() < 0.3:
            self._count()  # the same totals again
        spent = self._spend()
        self._reasoning()
        self._message()
        call = self._call()
        self._add(spent)
        if self.version == NEW:
            self._record(spent)
        else:
            self._count()
        pen.passes(6)
        text = pen.prose(pen.around(4500, 300_000, 1.25) + 400)
        self._item("function_call_output", f'"call_id":"{call}","output":"', text, b'"')
        if self.version == NEW:
            self._count()

    def _call(self) -> str:
        pen = self.pen
        call = f"call_{pen.chance.getrandbits(96):024x}"
        if pen.chance.random() < 0.5:
            arguments = f'"arguments":"{{\\"cmd\\": \\"make {call[-6:]}\\"}}"'
            self._item("function_call", f'"name":"exec_command",{arguments},"call_id":"{call}"')
        else:
            text = pen.prose(pen.around(400, 20_000))
            self._item(
                "custom_tool_call",
                f'"call_id":"{call}","name":"apply_patch","input":"*** Begin Patch\\n',
                b"*** Update File: src/main.py\\n@@\\n+" + text + b'\\n*** End Patch\\n"',
            )
        return call

    def _spend(self) -> Spent:
        chance = self.pen.chance
        fresh = chance.randrange(50, 5000)
        if self._context > 150_000:
            self._context = 9000
        read, self._context = self._context, self._context + fresh
        output = self.pen.around(350, 6000) + 9
        return Spent(fresh, read, 0, 0, output, chance.randrange(output))

    def _add(self, spent: Spent) -> None:
        self._last = spent
        self._total = Spent(*map(sum, zip(self._total, spent, strict=True)))
        self.pen.spend(self.model, spent)

    def _reasoning(self) -> None:
        text = self.pen.prose(self.pen.around(250, 3000))
        if self.version == OLD:
            self._event("agent_reasoning", b'"text":"' + text + b'"')
        else:
            self._done("Reasoning", b'"summary_text":["' + text + b'"],"raw_content":[]')
        summary = b'"summary":[{"type":"summary_text","text":"' + text + b'"}]'
        secret = f',"content":null,"encrypted_content":"{self.pen.chance.getrandbits(4000):01000x}"'
        self._item("reasoning", summary, secret)

    def _message(self) -> None:
        text = self.pen.prose(self.pen.around(200, 4000))
        if self.version == OLD:
            self._event("agent_message", b'"message":"' + text + b'","phase":null')
        else:
            self._done("AgentMessage", b'"content":[{"type":"Text","text":"' + text + b'"}]')
        content = b'"content":[{"type":"output_text","text":"' + text + b'"}]'
        self._item("message", b'"role":"assistant",' + content)

    # ---- usage

    def _record(self, spent: Spent) -> None:
        at = f'"thread_id":"{self.thread_id}","turn_id":"{self._turn_id}","session_id":'
        self._line(
            "token_usage_record",
            f'{{{at}"{self.thread_id}","root_turn_id":"{self._turn_id}","response_id":'
            f'"resp_{self.pen.chance.getrandbits(96):024x}","usage":{_usage(spent, True)},'
            f'"turn_token_usage":{_usage(spent, True)},"thread_token_usage":{_usage(self._total, True)}}}',
            is_usage=True,
        )

    def _count(self) -> None:
        if self._last.prompt == 0:
            return
        new = self.version == NEW
        self._event(
            "token_count",
            f'"info":{{"total_token_usage":{_usage(self._total, new)},"last_token_usage":'
            f'{_usage(self._last, new)},"model_context_window":{_WINDOW}}},"rate_limits":'
            '{"limit_id":"codex","limit_name":null,"primary":null,"secondary":null,"credits":null}',
            is_usage=True,
        )

    # ---- lines

    def _event(self, kind: str, *parts: bytes | str, is_usage: bool = False) -> None:
        self._line("event_msg", f'{{"type":"{kind}",', *parts, "}", is_usage=is_usage)

    def _done(self, kind: str, *parts: bytes) -> None:
        at = int(self.pen.now * 1000)
        id = timed_uuid(self.pen.chance, self.pen.now)  # noqa: A001
        self._event(
            "item_completed",
            f'"thread_id":"{self.thread_id}","turn_id":"{self._turn_id}","item":{{"type":"{kind}",'
            f'"id":"{id}",',
            *parts,
            f'}},"started_at_ms":{at},"completed_at_ms":{at}',
        )

    def _item(self, kind: str, *parts: bytes | str) -> None:
        turn = ""
        if self.version == NEW:
            turn = f',"internal_chat_message_metadata_passthrough":{{"turn_id":"{self._turn_id}"}}'
        self._line("response_item", f'{{"type":"{kind}",', *parts, turn, "}")

    def _line(self, kind: str, *parts: bytes | str, is_usage: bool = False) -> None:
        order = ""
        if self.version == NEW:
            order = f'"ordinal":{self._ordinal},'
            self._ordinal += 1
        head = f'{{"timestamp":"{self.pen.stamp()}",{order}"type":"{kind}","payload":'
        self.pen.line(head, *parts, "}", is_usage=is_usage)


def torn(thread: Thread) -> bytes:
    """A line that a killed process did not finish."""
    text = thread.pen.prose(3000)
    head = f'{{"timestamp":"{stamp(thread.pen.now)}","type":"response_item","payload":'
    return head.encode() + b'{"type":"message","role":"user","content":"' + text + b'"}}'


def _usage(spent: Spent, is_new: bool) -> str:
    """Codex counts what was cached as input, and reasoning as output."""
    written = '"cache_write_input_tokens":0,' if is_new else ""
    return (
        f'{{"input_tokens":{spent.prompt},"cached_input_tokens":{spent.cache_read},{written}'
        f'"output_tokens":{spent.output},"reasoning_output_tokens":{spent.reasoning},'
        f'"total_tokens":{spent.prompt + spent.output}}}'
    )
