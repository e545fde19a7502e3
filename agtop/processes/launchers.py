"""From what a process was started with to the program that it really runs.

An interpreter (`node cli.js`) runs the program in the same process. A launcher (`npm exec`,
`sh -c`, `sudo`) starts it as another one, or is replaced by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import field

from agtop.model import Record

Kind = Literal["path", "module", "package"]
Way = Literal["script", "program", "package"]

DEPTH = 8  # `sudo env nice npx …` is four; a chain without end is a trick
PYTHON = re.compile(r"(?:python|pypy)\d*(?:\.\d+)*t?")
WRAPPED = re.compile(r"\.(.+)-wrapped")  # what Nix calls the real program behind its wrapper
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
OPERATORS = ";|&<>()\n"
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash", "ksh", "mksh", "fish"})
SHELL_VALUED = frozenset({"-o", "+o", "-O", "+O", "--rcfile", "--init-file"})
TITLES = frozenset({"npm", "npx"})  # they write their whole command line into argv[0]


class Command(Record):
    """A program and its arguments."""

    program: str
    arguments: tuple[str, ...]
    kind: Kind = "path"
    runtime: str | None = None
    """The family of the interpreter that runs it inside this process: `node`, `python`."""
    launcher: str | None = None
    """What starts it as a process of its own."""


class Launcher(Record):
    """How a program's arguments name the program it runs."""

    runtime: str | None = None
    bare: Way | None = "program"
    """What follows the options when no verb does; None: a verb must."""
    verbs: Mapping[str, Way] = field(default_factory=dict[str, Way])
    valued: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    """Options after which no program is named."""
    operands: int = 0
    """Words before the program, such as a time limit."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _prefix(valued: str = "", ends: str = "", operands: int = 0) -> Launcher:
    return Launcher(valued=_words(valued), ends=_words(ends), operands=operands)


NODE = Launcher(
    runtime="node",
    bare="script",
    valued=_words(
        "-r --require --import --loader --experimental-loader -C --conditions --title"
        " --stack-trace-limit --input-type --env-file --watch-path --icu-data-dir"
    ),
    ends=_words("-e --eval -p --print -pe -c --check -i --interactive --test --run -v"),
)
NPX_VALUED = _words("-p --package -w --workspace --prefix --cache --registry")
NPX = Launcher(bare="package", valued=NPX_VALUED, ends=frozenset({"-c", "--call"}))
UV_VALUED = _words(
    "--from --with --with-editable --with-requirements -p --python --index --default-index"
    " --index-url --extra-index-url --directory --project --env-file --extra --group --config-file"
    " --cache-dir --refresh-package -w -C --find-links"
)
LAUNCHERS: Mapping[str, Launcher] = {
    "node": NODE,
    "nodejs": NODE,
    "bun": Launcher(
        runtime="node",
        bare="script",
        verbs={"run": "script", "x": "package"},
        valued=_words("-r --preload --cwd -c --config --env-file --filter -p --port"),
        ends=frozenset({"-e", "--eval", "--print"}),
    ),
    "deno": Launcher(
        runtime="node",
        bare=None,
        verbs={"run": "script"},
        valued=_words("-c --config --import-map --lock --location --seed --ext"),
    ),
    "python": Launcher(
        runtime="python",
        bare="script",
        valued=frozenset({"-W", "-X", "--check-hash-based-pycs"}),
    ),
    "tsx": Launcher(valued=frozenset({"--tsconfig", "--require", "-r", "--import"})),
    "npx": NPX,
    "npx-cli": NPX,
    "bunx": NPX,
    "npm": Launcher(
        bare=None, verbs={"exec": "package", "x": "package"}, valued=NPX_VALUED, ends=NPX.ends
    ),
    "npm-cli": Launcher(
        bare=None, verbs={"exec": "package", "x": "package"}, valued=NPX_VALUED, ends=NPX.ends
    ),
    "pnpm": Launcher(bare=None, verbs={"dlx": "package", "exec": "package"}, valued=NPX_VALUED),
    "yarn": Launcher(bare=None, verbs={"dlx": "package", "exec": "package"}, valued=NPX_VALUED),
    "uv": Launcher(bare=None, verbs={"tool run": "package", "run": "program"}, valued=UV_VALUED),
    "uvx": Launcher(bare="package", valued=UV_VALUED),
    "pipx": Launcher(
        bare=None,
        verbs={"run": "package"},
        valued=frozenset({"--spec", "--python", "--pip-args", "--index-url", "--path"}),
    ),
    "env": _prefix("-u --unset -C --chdir", ends="-S --split-string"),
    "nice": _prefix("-n --adjustment"),
    "ionice": _prefix("-c --class -n --classdata", ends="-p --pid"),
    "chrt": _prefix(operands=1),
    "taskset": _prefix(ends="-p --pid", operands=1),
    "nohup": _prefix(),
    "setsid": _prefix(),
    "time": _prefix("-f --format -o --output"),
    "timeout": _prefix("-s --signal -k --kill-after", operands=1),
    "stdbuf": _prefix("-i --input -o --output -e --error"),
    "caffeinate": _prefix("-t -w"),
    "arch": _prefix("-e -d"),
    "sudo": _prefix(
        "-u --user -g --group -h --host -p --prompt -C --close-from -r --role -t --type"
        " -T --command-timeout -U --other-user -D --chdir -R --chroot",
        ends="-e --edit -l --list -v --validate -K -k -V",
    ),
    "doas": _prefix("-u -C -a", ends="-L -s"),
}
SCRIPTED = frozenset({"npx", "npx-cli", "npm", "npm-cli", "tsx", "pnpm", "yarn", "pipx", "uvx"})
"""Launchers that are scripts themselves."""


def program_name(path: str) -> str:
    """The last component of a path, without what systems put around a program's name."""
    name = path.replace("\\", "/").rpartition("/")[2]
    if name[-4:].lower() in (".exe", ".cmd"):
        name = name[:-4]
    wrapped = WRAPPED.fullmatch(name)
    return wrapped[1] if wrapped else name


def runtime_of(path: str) -> str | None:
    """The family of interpreters that an executable belongs to."""
    launcher = LAUNCHERS.get(_launcher_name(path))
    return launcher.runtime if launcher else None


def unwrap(argv: Sequence[str]) -> Command | None:
    """What a command line runs in the end; None when it names no program.

    A process that rewrote its title leaves `['claude', '', '', …]`; npm leaves its whole command
    line in argv[0].
    """
    words = list(argv)
    while words and not words[-1]:
        words.pop()
    if len(words) == 1 and words[0].partition(" ")[0] in TITLES:
        words = words[0].split()
    launcher: str | None = None
    for _ in range(DEPTH):
        if not words:
            return None
        name = _launcher_name(words[0])
        if name in SHELLS:
            inner = _shell(words[1:])
            if isinstance(inner, Command) or inner is None:
                return inner
            words, launcher = inner, launcher or f"{name} -c"
            continue
        known = LAUNCHERS.get(name)
        if known is None:
            return Command(words[0], tuple(words[1:]), launcher=launcher)
        step = _step(known, words[1:])
        if step is None:
            return None
        way, words = step
        if way == "module":
            return Command(words[0], tuple(words[1:]), "module", known.runtime, launcher)
        if way == "script" and _launcher_name(words[0]) not in SCRIPTED:
            return Command(words[0], tuple(words[1:]), "path", known.runtime, launcher)
        if way == "script":
            continue
        launcher = launcher or name
        if way == "package":
            return Command(words[0], tuple(words[1:]), "package", None, launcher)
    return None


def _launcher_name(path: str) -> str:
    name = program_name(path).removeprefix("-")  # a login shell is `-bash`
    name = name.removesuffix(".js").removesuffix(".cjs").removesuffix(".mjs")
    return "python" if PYTHON.fullmatch(name) else name


def _step(launcher: Launcher, words: list[str]) -> tuple[Way | Literal["module"], list[str]] | None:
    if launcher.runtime == "python":
        module = _python_module(words)
        if module is not None:
            return ("module", module) if module else None
    rest = _after_options(launcher, words)
    for verb, way in launcher.verbs.items():
        path = verb.split()
        if rest[: len(path)] == path:
            rest = _after_options(launcher, rest[len(path) :])
            return (way, rest) if rest else None
    rest = rest[launcher.operands :]
    if launcher.bare is None or not rest:
        return None
    return launcher.bare, rest


def _after_options(launcher: Launcher, words: list[str]) -> list[str]:
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return words[index + 1 :]
        if word.partition("=")[0] in launcher.ends:
            return []
        if word.startswith("-") and word != "-":
            index += 2 if word in launcher.valued else 1
        elif launcher.bare == "program" and ASSIGNMENT.match(word):
            index += 1  # env A=1 …
        else:
            return words[index:]
    return []


def _python_module(words: list[str]) -> list[str] | None:
    """`-m module …` as [module, …], [] for `-c code`, None when a script follows."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        if re.fullmatch(r"-[a-zA-Z]*m", word):
            return words[index + 1 :]
        if re.fullmatch(r"-[a-zA-Z]*c", word):
            return []
        index += 2 if word in LAUNCHERS["python"].valued else 1
    return None


def _shell(words: list[str]) -> Command | list[str] | None:
    """A shell's script, or the words of its `-c` when that starts one program and no more."""
    index = 0
    takes_command = False
    while index < len(words) and words[index][:1] in "-+" and words[index]:
        word = words[index]
        takes_command |= re.fullmatch(r"-[a-zA-Z]*c[a-zA-Z]*", word) is not None
        index += 2 if word in SHELL_VALUED else 1
    if index >= len(words):
        return None
    if takes_command:
        return _single_command(words[index])
    return Command(words[index], tuple(words[index + 1 :]), launcher="shell script")


def _single_command(text: str) -> list[str] | None:
    import shlex

    lexer = shlex.shlex(text.strip(), posix=True, punctuation_chars=OPERATORS)
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:  # agents pass whole scripts: nothing is read beyond the first operator
            if word and set(word) <= set(OPERATORS):
                return None
            words.append(word)
    except ValueError:  # a quote is left open
        return None
    while words and (ASSIGNMENT.match(words[0]) or words[0] in ("exec", "command")):
        words.pop(0)
    return words or None
