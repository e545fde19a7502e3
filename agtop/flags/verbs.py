"""The verbs: what each is called with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agtop.flags.parser import (
    Parser,
    add_about,
    add_agents,
    add_safe,
    count,
    delay,
    events,
    plan,
)

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[Parser]  # pyright: ignore[reportPrivateUsage]


def add_verbs(parser: Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")

    def verb(name: str, told: str) -> argparse.ArgumentParser:
        # What is not given after a verb must not undo what was given before it.
        return verbs.add_parser(
            name,
            help=told,
            description=told,
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
        )

    sources = verb("sources", "what each agent's files are like, what is wrong and what to do")
    _add_answer(sources, "print the local-agent contract")
    inventory = verb("inventory", "what agents are set up with: settings, servers, skills, hooks…")
    _add_answer(inventory, "print it as JSON")
    kill = verb("kill", "end a session: ask (TERM), wait, force (KILL)")
    _add_signalled(kill)
    kill.add_argument("-s", "--signal", help="send only this: INT, TERM, KILL, STOP, CONT or HUP")
    kill.add_argument(
        "--wait", dest="patience", metavar="TIME", type=delay, help="before force: 5s, 500ms"
    )
    pause = verb("pause", "stop a session's processes where they are (STOP)")
    _add_signalled(pause)
    resume = verb("resume", "let a paused session go on (CONT)")
    _add_signalled(resume)
    scan = verb("scan", "list the agents that run, with the names that verbs take")
    scan.add_argument(
        *("-a", "--all"), dest="everything", action="store_true", help="helpers and servers too"
    )
    scan.add_argument("--register", action="store_true", help="give each of them a name")
    register = verb("register", "give a process a name: NAME-PID")
    register.add_argument("target", metavar="PID", help=TARGET)
    register.add_argument("name", metavar="NAME", nargs="?", help="instead of the agent's")
    forget = verb("forget", "take names back; the processes go on")
    forget.add_argument("targets", metavar="NAME", nargs="+", help="a name or a pid")
    budget = verb("budget", "show budgets, or set one: agtop budget day 20")
    _add_budget(budget)
    conflicts = verb("conflicts", "files that two sessions wrote, and what agents met of others")
    _add_conflicts(conflicts)
    statusline = verb("statusline", "have Claude Code tell agtop of its plan and its context")
    statusline.add_argument(
        "deed",
        metavar="DEED",
        choices=("install", "print", "remove"),
        help="install: put agtop's hook before your status line; print: show what that writes;"
        " remove: take it out",
    )
    spend = verb("spend", "where the money went: by agent, model, repository, session, hour")
    _add_spend(spend)
    metrics = verb("metrics", "what agents take and spend, as CSV, JSON lines or for Prometheus")
    _add_metrics(metrics)
    for each in (
        spend,
        metrics,
        statusline,
        sources,
        inventory,
        conflicts,
        kill,
        pause,
        resume,
        scan,
        register,
        forget,
        budget,
    ):
        add_about(each)
    _add_bus(verbs)
    _add_trace(verbs)
    _add_history(verbs)


def _add_spend(spend: argparse.ArgumentParser) -> None:
    cuts = ("agent", "model", "repo", "session", "command", "hour")
    show = spend.add_argument_group("what is shown")
    show.add_argument("--by", dest="cut", choices=cuts, help="how it is told apart (repo)")
    spans = show.add_mutually_exclusive_group()
    for span, told in (
        ("day", "today"),
        ("week", "this week"),
        ("month", "this month, unless said otherwise"),
        ("all", "everything there is"),
    ):
        spans.add_argument(
            f"--{span}", dest="span", action="store_const", const=span, help=f"only {told}"
        )
    show.add_argument("--since", metavar="DAY", help="from that day on: 2026-11-20, yesterday, 7d")
    show.add_argument("--until", metavar="DAY", help="up to the end of that day")
    show.add_argument("-j", "--json", action="store_true", help="print one JSON document")
    show.add_argument("--csv", action="store_true", help="print the rows as CSV")
    show.add_argument(
        "--proxy",
        action="store_true",
        help="ask the LiteLLM proxy that LITELLM_BASE_URL and LITELLM_API_KEY name",
    )
    show.add_argument("--demo", action="store_true", help="of an invented fleet")
    add_agents(show, "only sessions of this agent (repeatable)", argparse.SUPPRESS)
    add_safe(show, argparse.SUPPRESS)


def _add_metrics(metrics: argparse.ArgumentParser) -> None:
    when = metrics.add_argument_group("when").add_mutually_exclusive_group()
    when.add_argument("--once", action="store_true", help="one sample, unless said otherwise")
    when.add_argument(
        *("-w", "--watch"),
        dest="every",
        metavar="TIME",
        type=delay,
        help="a sample every so often: 2, 500ms, 1m",
    )
    where = metrics.add_argument_group("where and how")
    where.add_argument(
        "--log",
        dest="to",
        metavar="PATH",
        type=Path,
        help="append to this file, every 5 seconds unless said otherwise; one for Prometheus is"
        " exchanged as a whole",
    )
    where.add_argument(
        "--format",
        dest="form",
        choices=("csv", "jsonl", "prom"),
        help="csv; by default as the name of the file ends",
    )
    where.add_argument("--demo", action="store_true", help="of an invented fleet")
    add_agents(where, "only of this agent (repeatable)", argparse.SUPPRESS)
    where.add_argument(
        "-p",
        "--plan",
        type=plan,
        help="retail: every token costs; max: Claude's are in the plan; included: all are",
    )
    add_safe(where, argparse.SUPPRESS)


def _add_history(verbs: Verbs) -> None:
    told = "what was used by transcripts that are gone"
    history = verbs.add_parser("history", help=told, description=told, allow_abbrev=False)
    deeds = history.add_subparsers(dest="deed", metavar="DEED", title="deeds", required=True)
    forget = _deed(deeds, "forget", "remove what fits all that is said; transcripts stay")
    what = forget.add_argument_group("what is forgotten")
    what.add_argument("--repo", metavar="NAME", help="only of this repository")
    what.add_argument("--before", metavar="DAY", help="only what was used before that day")
    add_agents(what, "only of this agent (repeatable)", argparse.SUPPRESS)


def _add_conflicts(conflicts: argparse.ArgumentParser) -> None:
    show = conflicts.add_argument_group("what is shown")
    show.add_argument(
        *("-j", "--json"),
        action="store_true",
        help="print one JSON document; with --watch one line for each conflict",
    )
    show.add_argument("-w", "--watch", action="store_true", help="go on, and tell what is new")
    show.add_argument("-d", "--delay", type=delay, help="between two looks: 2, 0.5, 500ms")
    show.add_argument(
        "--window", type=delay, help="seconds within which two writes are a conflict (10)"
    )
    show.add_argument("--demo", action="store_true", help="of an invented fleet")
    add_agents(show, "only sessions of this agent (repeatable)", argparse.SUPPRESS)
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")
    add_safe(show, argparse.SUPPRESS)


def _add_answer(verb: argparse.ArgumentParser, json: str) -> None:
    show = verb.add_argument_group("what is shown")
    show.add_argument("-j", "--json", action="store_true", help=json)
    show.add_argument("--json-schema", action="store_true", help="print the JSON Schema of --json")
    show.add_argument("--demo", action="store_true", help="look at an invented fleet")
    add_agents(show, "only this agent (repeatable)", argparse.SUPPRESS)
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")
    add_safe(show, argparse.SUPPRESS)


def _add_bus(verbs: Verbs) -> None:
    told = "what agents on this machine tell each other: hear it, say something, ask how it does"
    bus = verbs.add_parser("bus", help=told, description=told, allow_abbrev=False)
    deeds = bus.add_subparsers(dest="deed", metavar="DEED", title="deeds", required=True)
    _add_tail(_deed(deeds, "tail", "print what is said, until interrupted"))
    _add_publish(_deed(deeds, "publish", "say something to who listens now"))
    status = _deed(deeds, "status", "tell who hosts the bus and what went over it")
    _add_json(status, "print it as JSON")


def _deed(deeds: Verbs, name: str, told: str) -> Parser:
    parser = deeds.add_parser(name, help=told, description=told, allow_abbrev=False)
    add_about(parser)
    return parser


def _add_json(parser: Parser, told: str) -> None:
    silent = argparse.SUPPRESS
    parser.add_argument("-j", "--json", action="store_true", default=silent, help=told)


def _add_tail(parser: Parser) -> None:
    _add_json(parser, "print each message as one line of JSON")
    parser.add_argument(
        *("-t", "--topic"),
        dest="topics",
        metavar="TOPIC",
        action="append",
        default=[],
        help="only this topic (repeatable)",
    )
    parser.add_argument(
        "--last", metavar="N", type=count, default=0, help="begin with the last N of before"
    )


def _add_publish(parser: Parser) -> None:
    parser.add_argument("summary", metavar="SUMMARY", help="one sentence")
    parser.add_argument("-t", "--topic", required=True, help="its kind, such as finding")
    parser.add_argument("--path", help="what it is about, such as file.py:42")
    parser.add_argument(
        "--agent", dest="speaker", metavar="WHO", help="who says it; else the variable AGTOP_AGENT"
    )
    parser.add_argument("--source", help="what it was found with")
    parser.add_argument("--data", metavar="JSON", help="an object with more")


TARGET = "a pid, a registered name, or a session's id or its start"


def _add_signalled(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("targets", metavar="TARGET", nargs="+", help=TARGET)
    verb.add_argument("--alone", action="store_true", help="without the processes it started")


def _add_budget(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "target",
        metavar="TARGET",
        nargs="?",
        help="day, week, all, session, agent:NAME, repo:NAME, agent:NAME/day, or one session",
    )
    verb.add_argument(
        "amount", metavar="AMOUNT", nargs="?", help="dollars (20, $2.50) or tokens (500k tokens)"
    )
    verb.add_argument(
        "--action", choices=("warn", "pause", "stop"), help="what the screen does at 100 percent"
    )
    verb.add_argument("--remove", action="store_true", help="take the budget away")


def _add_trace(verbs: Verbs) -> None:
    told = "the live work of an agent: prompts, answers, tool calls, files written"
    silent = argparse.SUPPRESS
    trace = verbs.add_parser(
        "trace", help=told, description=told, argument_default=silent, allow_abbrev=False
    )
    trace.set_defaults(target=None, everyone=False, stream=None, kinds=[], grep="", last=20)
    whose = trace.add_argument_group("whose work")
    whose.add_argument(
        "target", metavar="TARGET", nargs="?", help="a pid, an id or the end of one, an agent"
    )
    whose.add_argument(
        "-a", "--all", dest="everyone", action="store_true", help="of every live session"
    )
    add_agents(whose, "only sessions of this agent (repeatable)", silent)
    whose.add_argument("--demo", action="store_true", help="of an invented fleet")
    show = trace.add_argument_group("what is shown")
    show.add_argument("-j", "--json", action="store_true", help="print events as JSON lines")
    show.add_argument(
        *("-k", "--kind"),
        dest="kinds",
        metavar="KIND",
        action="append",
        help="only this kind: prompt, text, thinking, tool-call, result, error, … (repeatable)",
    )
    show.add_argument("-g", "--grep", metavar="TEXT", help="only events that hold this text")
    show.add_argument(
        "-n", "--last", metavar="N", type=events, help="begin with the last N events; 20 if unsaid"
    )
    show.add_argument("-C", "--no-color", action="store_true", help="no colours, as with NO_COLOR")
    output = trace.add_argument_group("the output of the process, where that is a file")
    stream = output.add_mutually_exclusive_group()
    for name in ("stdout", "stderr"):
        told = f"tail what its {name} is redirected to"
        stream.add_argument(f"--{name}", dest="stream", action="store_const", const=name, help=told)
    add_about(trace)
