"""One classifier: which agent a process belongs to, what for, and why it is thought so.

It reads the real argv and executable, looks through interpreters and launchers, and compares whole
names, whole path components and whole arguments. What stands in a prompt never counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from agtop.model import Recognition, Record, Role, Signature
from agtop.processes.launchers import Command, program_name, runtime_of, unwrap

DELETED = " (deleted)"
SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs")
ENTRIES = frozenset({"index", "cli", "main"})
"""What packages call the script that is the program; others are installers and workers."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SPECIFIER = re.compile(r"(?:npm:)?(@?[^@=<>~!\[ ]+)")  # @openai/codex@latest, aider-chat==0.86
OWN_ID = "--session-id"  # names the session to begin, whatever it is forked from
COMM_LENGTH = 15  # bytes of a name the Linux kernel keeps


class Start(Record):
    """How an agent's process was started."""

    recognition: Recognition
    arguments: tuple[str, ...] = ()
    """What the agent itself was given."""
    runtime: str | None = None
    """The interpreter it runs in."""


class Words(Record):
    """An agent's arguments, sorted."""

    commands: tuple[str, ...]
    flags: frozenset[str]
    """Options ahead of the prompt."""
    first: str | None
    """The first word that is neither an option nor an option's value."""
    session_id: str | None


def recognise(
    name: str, argv: Sequence[str], exe: str | None, signatures: Mapping[str, Signature]
) -> Recognition | None:
    """Which agent's process this is, or None.

    Args:
        name: the kernel's short name; used only when neither argv nor exe can be read.
        argv: as the process has it now; it may have been overwritten by a title.
        exe: the executable's path; may end in ` (deleted)` after an update.
    """
    start = identify(name, argv, exe, signatures)
    return start.recognition if start else None


def identify(
    name: str, argv: Sequence[str], exe: str | None, signatures: Mapping[str, Signature]
) -> Start | None:
    """As `recognise`, with what collapsing launchers needs besides."""
    exe = exe.removesuffix(DELETED) if exe else None
    desktop = _desktop(argv, exe, signatures)
    if desktop:
        return Start(desktop)
    if not any(argv):
        return _by_name(name, exe, signatures)
    command = unwrap(argv)
    agent = _owner(command, exe, signatures) if command else None
    if command and agent:
        return _started(agent, command, len(argv) > 1 and not any(argv[1:]), signatures[agent])
    return _by_executable(argv, exe, signatures)


def _started(agent: str, command: Command, titled: bool, signature: Signature) -> Start | None:
    words = sort_words(command.arguments, signature)
    if words.first in signature.foreign:
        return None
    if command.launcher:
        why = f"{command.launcher} starts {agent}"
        return Start(Recognition(agent, "wrapper", why), command.arguments)
    role, why = _role(words, signature)
    if why is None:
        why = f"{command.runtime} runs {agent}" if command.runtime else f"its program is {agent}"
        if titled:
            why = f"its title is {command.program}; its arguments are overwritten"
    is_unasked = _is_unasked(command.arguments, signature)
    found = Recognition(agent, role, why, words.session_id, is_unasked)
    return Start(found, command.arguments, command.runtime)


def _is_unasked(arguments: Sequence[str], signature: Signature) -> bool:
    if not signature.unasked:
        return False
    words = [part for word in arguments for part in word.split("=", 1)]
    return not signature.unasked.isdisjoint([*words, *map(" ".join, pairwise(words))])


def _role(words: Words, signature: Signature) -> tuple[Role, str | None]:
    for pattern, role, why in signature.roles:
        if pattern[0].startswith("-"):
            if pattern[0] in words.flags:
                return role, f"{pattern[0]}: {why}"
        elif words.commands[: len(pattern)] == pattern:
            return role, f"{' '.join(pattern)}: {why}"
    return "session", None


def sort_words(arguments: Sequence[str], signature: Signature) -> Words:
    """Sub-commands, flags and session id of an agent's arguments.

    Sub-commands come before anything else that is not an option; the first other word is the
    prompt, after which only session options are still heard, and after `--` nothing.
    """
    known = _command_paths(signature)
    commands: tuple[str, ...] = ()
    flags: set[str] = set()
    ids: dict[str, str] = {}
    first: str | None = None
    prompt = False
    index = 0
    while index < len(arguments) and arguments[index] != "--":
        word = arguments[index]
        index += 1
        if word.startswith("-") and word != "-":
            option, equals, value = word.partition("=")
            if not prompt or option in signature.forking:
                flags.add(option)
            if not equals and _takes_next(option, arguments[index : index + 1], signature):
                value = arguments[index]
                index += 1
            if option in signature.session_options and UUID.fullmatch(value):
                ids[option] = value
            continue
        first = word if first is None else first
        if prompt:
            continue
        if (*commands, word) in known:
            commands = (*commands, word)
            continue
        prompt = True
        if commands in signature.session_commands and UUID.fullmatch(word):
            ids[" ".join(commands)] = word
    return Words(commands, frozenset(flags), first, _own_id(ids, flags, signature))


def _takes_next(option: str, following: Sequence[str], signature: Signature) -> bool:
    if option in signature.valued:
        return bool(following)
    # A session option's value may be left out: it then opens a list to choose from.
    return option in signature.session_options and any(
        word and not word.startswith("-") for word in following
    )


def _own_id(ids: Mapping[str, str], flags: set[str], signature: Signature) -> str | None:
    if OWN_ID in ids:
        return ids[OWN_ID]
    if flags & signature.forking:
        return None
    return next(iter(ids.values()), None)


def _command_paths(signature: Signature) -> set[tuple[str, ...]]:
    patterns = [pattern for pattern, _, _ in signature.roles if not pattern[0].startswith("-")]
    patterns += signature.session_commands
    return {pattern[:length] for pattern in patterns for length in range(1, len(pattern) + 1)}


def _owner(command: Command, exe: str | None, signatures: Mapping[str, Signature]) -> str | None:
    """The agent whose program it is. A package's path says more than a name, and a name that is
    bound to an interpreter more than a free one."""
    score = _scorer(command, exe)
    best, agent = max(((score(s), a) for a, s in signatures.items()), default=(0, None))
    return agent if best else None


def _scorer(command: Command, exe: str | None) -> Callable[[Signature], int]:
    if command.kind == "module":
        return lambda signature: 3 * (command.program in signature.modules)
    if command.kind == "package" or command.program.startswith("npm:"):
        specifier = SPECIFIER.match(command.program)
        wanted = specifier[1] if specifier else command.program
        return lambda s: 3 * (wanted in s.packages) or int(wanted in s.names)
    path = command.program.replace("\\", "/")
    name = program_name(path)
    if command.runtime != "python":  # `claude.py` is anybody's
        name = _bare(name)
    runtime = command.runtime or (runtime_of(exe) if exe else None)

    def score(signature: Signature) -> int:
        if any(fnmatchcase(name, pattern) for pattern in signature.patterns):
            return 4
        if _in_package(path, name, signature, script=command.runtime is not None):
            return 3
        if name not in signature.names:
            return 0
        if not signature.runtimes:
            return 1
        return 2 * (runtime in signature.runtimes or _below_package(exe or "", signature))

    return score


def _bare(name: str) -> str:
    for suffix in SCRIPT_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _in_package(path: str, name: str, signature: Signature, script: bool) -> bool:
    """Whether a path is the program of one of the agent's packages, and not just a file in it."""
    for package in signature.packages:
        if package not in path:  # nearly always, and cheap to see
            continue
        folders = f"/{path.rpartition('/')[0]}/"
        _, found, rest = folders.partition(f"/{package}/")
        if not found or "node_modules/" in rest:
            continue
        if name in signature.names or (name in ENTRIES if script else not rest):
            return True  # without a rest: …/claude/versions/2.1.80 is a program
    return False


def _below_package(path: str, signature: Signature) -> bool:
    slashed = f"/{path}/".replace("\\", "/")
    return any(f"/{package}/" in slashed for package in signature.packages)


def _by_executable(
    argv: Sequence[str], exe: str | None, signatures: Mapping[str, Signature]
) -> Start | None:
    """An agent's executable under a name of its own choosing."""
    if exe is None or runtime_of(exe):
        return None
    agent = _owner(Command(exe, ()), exe, signatures)
    if agent is None:
        return None
    signature = signatures[agent]
    alias = program_name(argv[0])
    if alias in signature.aliases:
        return Start(Recognition(agent, "helper", f"{agent}'s program does the work of {alias}"))
    return _started(agent, Command(exe, tuple(argv[1:])), not any(argv[1:]), signature)


def _by_name(name: str, exe: str | None, signatures: Mapping[str, Signature]) -> Start | None:
    """All that is left of a process whose arguments cannot be read."""
    if exe:
        agent = _owner(Command(exe, ()), exe, signatures)
    else:
        agent = next((a for a, s in signatures.items() if _is_called(name, s)), None)
    if agent is None:
        return None
    why = "its program" if exe else "its name"
    return Start(Recognition(agent, "session", f"{why} is {agent}; its arguments are hidden"))


def _is_called(name: str, signature: Signature) -> bool:
    if signature.runtimes:
        return False
    name = program_name(name)
    if name in signature.names or any(fnmatchcase(name, p) for p in signature.patterns):
        return True
    return len(name) == COMM_LENGTH and any(n[:COMM_LENGTH] == name for n in signature.names)


def _desktop(
    argv: Sequence[str], exe: str | None, signatures: Mapping[str, Signature]
) -> Recognition | None:
    path = exe or (argv[0] if argv else "")
    path = f"/{path}".replace("\\", "/").lower()
    for agent, signature in signatures.items():
        if not signature.desktop or not any(part in path for part in signature.desktop):
            continue
        parts = [a for a in argv if a.startswith(("--type=", "--utility-sub-type="))]
        if parts or "crashpad" in path.rpartition("/")[2]:
            return Recognition(agent, "helper", f"a part of {agent}'s desktop program")
        return Recognition(agent, "desktop", f"{agent}'s desktop program")
    return None
