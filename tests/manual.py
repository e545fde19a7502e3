"""Writes the man page and the completions for bash, zsh and fish that lie in `agtop/share`.

They are made from the flags and keys themselves: `python -m tests.manual` after one has changed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textual.binding import Binding

import agtop
from agtop.agents import AGENTS
from agtop.columns import COLUMNS
from agtop.flags import parser
from agtop.tui.keys import APP_KEYS, KEY_NAMES

SHARE = Path(agtop.__file__).parent / "share"
_SECTIONS = {
    "FILES": [
        ("~/.config/agtop/config.toml", "What you want: plan, prices, budgets, alerts, columns."),
        ("~/.cache/agtop", "What was read of transcripts, so that the next start is quick."),
        (
            "~/.local/state/agtop",
            "Names of processes, alerts that were given, the screen's layout.",
        ),
    ],
    "ENVIRONMENT": [
        ("NO_COLOR", "Print and draw without colours."),
        ("XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME", "Where these folders are instead."),
        ("AGTOP_BUS", "The socket of the bus instead of the usual one."),
        (
            "LITELLM_BASE_URL, LITELLM_API_KEY",
            "The LiteLLM proxy that spend --proxy asks, and a key of it.",
        ),
        ("CODEX_APP_SERVER_URL", "A server of Codex on this machine to ask whether it is ready."),
    ],
    "EXIT STATUS": [("0", "Done."), ("1", "Something failed."), ("2", "Asked for wrongly.")],
}


@dataclass
class Option:
    """A flag as a shell has to know it."""

    names: list[str]
    about: str
    value: str | None
    """What follows it; None where nothing does."""
    words: list[str]
    """What can follow it, where that is known."""


@dataclass
class Command:
    """agtop itself, a verb, or a deed of a verb."""

    path: list[str]
    about: str
    options: list[Option]
    words: list[str]
    """What can stand without a dash."""
    usage: str


def files() -> dict[Path, str]:
    """Path below `SHARE` → what belongs there."""
    commands = list(_commands([], parser(), ""))
    return {
        Path("man/man1/agtop.1"): man(commands),
        Path("bash-completion/completions/agtop"): bash(commands),
        Path("zsh/site-functions/_agtop"): zsh(commands),
        Path("fish/vendor_completions.d/agtop.fish"): fish(commands),
    }


# ---- what there is


def _commands(path: list[str], of: argparse.ArgumentParser, about: str) -> Iterator[Command]:
    below = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    words = [str(choice) for action in of._actions for choice in _choices(action)]
    usage = " ".join(of.format_usage().split()).removeprefix("usage: ")
    options = [_option(action) for action in of._actions if action.option_strings]
    yield Command(path, about, options, words, usage)
    for action in below:
        told = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, inner in action.choices.items():
            yield from _commands([*path, name], inner, told.get(name, ""))


def _choices(action: argparse.Action) -> list[object]:
    return list(action.choices or ()) if not action.option_strings else []


def _option(action: argparse.Action) -> Option:
    value = None
    if action.nargs != 0:
        value = str(action.metavar or action.dest).upper()
    words = [str(choice) for choice in action.choices or ()]
    if action.dest == "agents":
        words = [agent.name for agent in AGENTS]
    if action.dest == "sort":
        words = [column.name for column in COLUMNS]
    if action.dest == "plan":
        words = ["retail", "max", "included"]
    return Option(list(action.option_strings), (action.help or "").replace("%%", "%"), value, words)


# ---- man


def man(commands: list[Command]) -> str:
    own, *verbs = commands
    lines = [
        f'.TH AGTOP 1 "" "agtop {agtop.__version__}" "User Commands"',
        ".SH NAME",
        r"agtop \- htop for AI coding agents",
        ".SH SYNOPSIS",
        r".B agtop",
        r"[\fIflag\fR ...] [\fIverb\fR ...]",
        ".SH DESCRIPTION",
        _roff(
            "Shows every session of every AI coding agent on this machine with its process, tokens,"
            " cost, state and conflicts. Without --list, --json or a verb it fills the screen."
        ),
        ".SH FLAGS",
        *_tags(own.options),
        ".SH VERBS",
    ]
    for verb in verbs:
        lines += [f".SS agtop {' '.join(verb.path)}", _roff(verb.about)]
        lines += _tags([each for each in verb.options if each.names[0] not in ("-h", "-v")])
    lines.append(".SH KEYS")
    for binding in APP_KEYS:
        lines += [".TP", rf"\fB{_roff(_key(binding))}\fR", _roff(binding.tooltip)]
    for title, rows in _SECTIONS.items():
        lines.append(f".SH {title}")
        for name, about in rows:
            lines += [".TP", rf"\fB{_roff(name)}\fR", _roff(about)]
    return "\n".join(lines) + "\n"


def _tags(options: list[Option]) -> Iterator[str]:
    for option in options:
        names = ", ".join(rf"\fB{_roff(name)}\fR" for name in option.names)
        yield ".TP"
        yield names if option.value is None else rf"{names} \fI{_roff(option.value)}\fR"
        yield _roff(option.about[:1].upper() + option.about[1:] + ".")


def _roff(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = "".join(each if each.isascii() else rf"\[u{ord(each):04X}]" for each in text)
    return r"\&" + text if text.startswith((".", "'")) else text


def _key(binding: Binding) -> str:
    return ", ".join(KEY_NAMES.get(key, key) for key in binding.key.split(","))


# ---- shells


def bash(commands: list[Command]) -> str:
    """A function that knows, by the words before the cursor, which command it is in."""
    cases: list[str] = []
    for command in commands:
        for option in command.options:
            if option.words:
                names = "|".join(f"'{' '.join([*command.path, name])}'" for name in option.names)
                cases.append(f"    {names}) words='{' '.join(option.words)}' ;;")
            elif option.value is not None:
                names = "|".join(f"'{' '.join([*command.path, name])}'" for name in option.names)
                cases.append(f"    {names}) return ;;")
    values = "\n".join(cases)
    own = "\n".join(
        f"    '{' '.join(command.path)}') words='{' '.join([*command.words, *_names(command)])}' ;;"
        for command in commands
    )
    paths = " ".join(f"'{' '.join(c.path)}'" for c in commands if c.path)
    return f"""# Completion of agtop for bash.
_agtop() {{
  local word words= command= next
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    next="${{command:+$command }}$word"
    for word in {paths}; do
      [[ $word == "$next" ]] && command=$next
    done
  done
  COMPREPLY=()
  case "${{command:+$command }}${{COMP_WORDS[COMP_CWORD-1]}}" in
{values}
  esac
  if [[ -z $words ]]; then
    case "$command" in
{own}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
complete -o default -F _agtop agtop
"""


def zsh(commands: list[Command]) -> str:
    parts = ["#compdef agtop", "# Completion of agtop for zsh.", ""]
    for command in reversed(commands):
        parts += [f"{_function(command)}() {{", "  local state line", "  _arguments -s \\"]
        parts += [f"    {_zsh_option(option)} \\" for option in command.options]
        below = [c for c in commands if c.path[:-1] == command.path and c.path]
        if below:
            parts += ["    '1: :->verb' '*:: :->rest'", "  case $state in", "    verb)"]
            rows = " ".join(_quoted(f"{c.path[-1]}:{c.about}") for c in below)
            parts += [
                f"      local -a verbs=({rows})",
                "      _describe verb verbs ;;",
                "    rest)",
            ]
            parts += ["      case $line[1] in"]
            parts += [f"        {c.path[-1]}) {_function(c)} ;;" for c in below]
            parts += ["      esac ;;", "  esac"]
        else:
            words = f"({' '.join(command.words)})" if command.words else "_files"
            parts.append(f"    '*: :{words}'")
        parts += ["}", ""]
    return "\n".join([*parts, '_agtop "$@"', ""])


def fish(commands: list[Command]) -> str:
    lines = ["# Completion of agtop for fish.", "complete -c agtop -f"]
    verbs = [c for c in commands if len(c.path) == 1]
    lines += [
        f"complete -c agtop -n __fish_use_subcommand -a {verb.path[0]} -d {_quoted(verb.about)}"
        for verb in verbs
    ]
    for command in commands:
        when = "__fish_use_subcommand"
        if command.path:
            seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.path)
            when = seen
            lines += [f"complete -c agtop -n '{when}' -a {word}" for word in command.words]
        lines += [_fish_option(when, option) for option in command.options]
    return "\n".join(lines) + "\n"


def _names(command: Command) -> list[str]:
    return [name for option in command.options for name in option.names]


def _function(command: Command) -> str:
    return "_".join(["_agtop", *command.path])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _zsh_option(option: Option) -> str:
    about = re.sub(r"([\[\]:])", r"\\\1", option.about)
    value = ""
    if option.value is not None:
        words = f"({' '.join(option.words)})" if option.words else "_files"
        value = f":{option.value}:{words}"
    return " ".join(_quoted(f"{name}[{about}]{value}") for name in option.names)


def _fish_option(when: str, option: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
    )
    value = " -r" if option.value is not None else ""
    words = f" -a {_quoted(' '.join(option.words))}" if option.words else ""
    return f"complete -c agtop -n '{when}'{names}{value}{words} -d {_quoted(option.about)}"


def main() -> None:
    for path, text in files().items():
        (SHARE / path).parent.mkdir(parents=True, exist_ok=True)
        (SHARE / path).write_text(text)


if __name__ == "__main__":
    main()
