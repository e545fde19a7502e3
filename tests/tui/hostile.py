"""A session made to get at the terminal."""

from __future__ import annotations

from agtop.model import FileWrite, Match, Session, State, replace
from tests.tui.fleet import busy
from tests.tui.records import HOSTILE, NOW, OPUS, process


def hostile() -> Session:
    """A session whose every word tries to get at the terminal."""
    plain = busy()
    read = replace(
        plain.reading,
        title=HOSTILE,
        branch=HOSTILE,
        model=HOSTILE,
        effort=HOSTILE,
        subscription=HOSTILE,
        version=HOSTILE,
        action=HOSTILE,
        cwd="/tmp/" + HOSTILE,
        problems=(HOSTILE,),
        writes=(FileWrite("/tmp/" + HOSTILE, 1, NOW - 5),),
    )
    crafted = replace(
        OPUS, model=HOSTILE, provider=HOSTILE, source=HOSTILE, date=HOSTILE, note=HOSTILE
    )
    child = plain.subagents[0]
    bad = replace(
        process(666, 1.0, 1_000_000),
        name=HOSTILE,
        argv=(HOSTILE,),
        cwd=HOSTILE,
        status=HOSTILE,
        children=(replace(process(667, 0.0, 1_000), name=HOSTILE, argv=(HOSTILE, HOSTILE)),),
    )
    return replace(
        plain,
        session_id="id" + HOSTILE,
        agent_label=HOSTILE,
        reading=read,
        project=HOSTILE,
        state=State("waiting", HOSTILE, NOW - 5, HOSTILE),
        usage=(replace(plain.usage[0], model=HOSTILE, price=crafted),),
        process=bad,
        match=Match("low", (HOSTILE,), (666, 667)),
        problems=(HOSTILE,),
        subagents=(replace(child, reading=replace(child.reading, title=HOSTILE, model=HOSTILE)),),
    )
