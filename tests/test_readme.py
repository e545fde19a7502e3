"""README.md tells what is there, and nothing else."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.binding import Binding
from textual.widget import Widget

import agtop.tui
from agtop import filters, flags, paths
from agtop.agents import AGENTS
from agtop.cli import main
from agtop.columns import BY_NAME, COLUMNS
from agtop.columns.cells import GLYPHS
from agtop.config import Config, PriceOverride, load
from agtop.export import json_schema
from agtop.model import STATES
from agtop.pricing import Prices
from agtop.tui.app import Agtop
from agtop.tui.keymap import names

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text("utf-8")


def section(title: str) -> str:
    """What stands below a heading, up to the next one of its rank."""
    found = re.search(
        rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", README, re.DOTALL | re.MULTILINE
    )
    assert found is not None, title
    return found[2]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in `text`, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines]
    bodies = [row for row in cells if not set(row[0]) <= set(" -")]
    headings = ("verb", "command", "flag", "key", "term", "state", "sign", "agent", "")
    return [[cell.strip() for cell in row] for row in bodies if row[0].strip() not in headings]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


# The start


@pytest.mark.parametrize(
    "command",
    [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/agtop",
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
    ],
)
def test_each_of_the_two_ways_in_is_one_line_to_paste(command: str) -> None:
    assert f"{command}\n" in blocks("sh")


def test_every_link_and_picture_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    headings = {
        re.sub(r"[^\w\s-]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }

    assert links
    for link in links:
        path, _, heading = link.partition("#")
        assert (REPOSITORY / path).exists(), link
        assert not heading or heading in headings, link


def test_every_picture_is_there_as_png_and_as_svg() -> None:
    names = {path.stem for path in (REPOSITORY / "screenshots").glob("*.png")}

    assert names == {path.stem for path in (REPOSITORY / "screenshots").glob("*.svg")}


# Flags and keys


def options() -> dict[frozenset[str], argparse.Action]:
    actions = flags.parser()._actions
    return {frozenset(each.option_strings): each for each in actions if each.option_strings}


def verbs() -> dict[str, argparse.ArgumentParser]:
    (action,) = [each for each in flags.parser()._actions if not each.option_strings]
    assert isinstance(action, argparse._SubParsersAction)
    return dict(action.choices)


def test_every_flag_has_its_row_and_every_row_is_a_flag() -> None:
    told = {
        frozenset(text.split()[0] for text in code(row[0])): code(row[0])
        for row in rows(section("Flags"))
    }

    assert set(told) == set(options())


def test_flags_that_take_a_value_are_shown_with_it() -> None:
    for row in rows(section("Flags")):
        texts = code(row[0])
        action = options()[frozenset(text.split()[0] for text in texts)]
        takes = action.nargs != 0

        assert all((" " in text) == takes for text in texts), row


def test_every_verb_has_its_row_with_its_own_flags() -> None:
    told = {code(row[0])[0].split()[1]: code(row[1]) for row in rows(section("Verbs"))}

    assert set(told) == set(verbs())
    for name, parser in verbs().items():
        known = {flag for action in parser._actions for flag in action.option_strings}
        assert {text.split()[0] for text in told[name] if text.startswith("-")} <= known, name


def test_every_command_that_takes_words_has_its_row_with_them() -> None:
    told = {code(row[0])[0].replace("\\|", "|") for row in rows(section("Commands"))}

    assert told == {each.usage for each in Agtop(None).table_of_commands.values() if each.takes}


def bound() -> set[tuple[tuple[str, ...], str]]:
    """(keys, what they do) of every binding with an id, anywhere in the screen."""
    app = Agtop(None)
    known: dict[tuple[str, str], list[str]] = {}
    for part in pkgutil.walk_packages(agtop.tui.__path__, "agtop.tui."):
        module = importlib.import_module(part.name)
        for _, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ == module.__name__ and issubclass(found, App | Widget):
                for binding in Binding.make_bindings(found.__dict__.get("BINDINGS", ())):
                    assert binding.id, (found, binding)
                    keys = known.setdefault((binding.id, binding.tooltip), [])
                    key = app.get_key_display(Binding(binding.key, ""))
                    keys.extend([key] if key not in keys else [])
    return {(tuple(keys), about) for (_, about), keys in known.items()}


def test_every_key_has_its_row_and_every_row_is_a_key() -> None:
    told = {(tuple(code(row[0])), row[1]) for row in rows(section("Keys"))}

    assert told == bound()


# Words


def test_every_state_has_its_row_with_its_sign() -> None:
    assert {code(row[0])[0] for row in rows(section("States"))} == {
        f"{GLYPHS[state]} {state}" for state in STATES
    }


def test_every_agent_that_is_read_is_told() -> None:
    told = [row[0] for row in rows(section("What it reads"))]

    assert told == [*(agent.label for agent in AGENTS), "any other"]


def test_what_each_agent_s_files_can_tell_is_told() -> None:
    told = {row[0]: [cell.replace("–", "none") for cell in row[1:]] for row in _agents()}

    for agent in AGENTS:
        can = agent.capabilities
        expected = [can.tokens, can.cost, can.state, can.context, can.writes, can.limits]
        assert told[agent.label] == expected, agent.name


def _agents() -> list[list[str]]:
    return rows(section("What it reads"))


def test_every_field_and_figure_of_a_filter_is_told() -> None:
    told = section("Filters")
    fields_row = next(row[1] for row in rows(told) if row[0] == "`project:api`")
    figures_row = next(row[1] for row in rows(told) if "`cost>1`" in row[0])

    assert set(code(fields_row)) == set(filters._TEXTS)
    assert set(code(figures_row)) == {*filters._NUMBERS, *filters._SIGNS}
    for alias, name in filters._ALIASES.items():
        assert {f"`{alias}`", f"`{alias}:`"} & set(re.findall(r"`[^`]+`", told)), (alias, name)


def test_every_filter_shown_can_be_read() -> None:
    shown = [term.replace("\\", "") for row in rows(section("Filters")) for term in code(row[0])]
    shown += re.findall(r"`((?:!?state|agent):[^`]+)`", section("Two minutes with it"))
    shown += re.findall(r"--filter '([^']+)'", README)

    assert len(shown) > 9
    for text in shown:
        filters.parse(text)


def test_every_column_is_told() -> None:
    after = section("Configuration").split("Columns: ")[1]

    assert code(after) == [column.name for column in COLUMNS]


def test_every_key_s_name_is_told() -> None:
    told = section("Configuration").split("Keys: ")[1].split("\n\n")[0]

    assert code(told) == list(names(Agtop.every_binding()))


def test_the_prices_are_told_with_their_source_and_date() -> None:
    table = json.loads((REPOSITORY / "agtop/pricing/table.json").read_text("utf-8"))
    source, version = table["source"].split()

    assert f"[{source}]" in section("How the numbers are made")
    assert f"{version} with" in section("How the numbers are made")
    assert f"as of {Prices().table_date}" in section("How the numbers are made")


# The configuration


def test_the_configuration_shown_can_be_followed_and_names_every_key() -> None:
    (example,) = blocks("toml")
    folder = paths.config_dir()
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(example, "utf-8")

    config = load(folder, lambda: [agent.name for agent in AGENTS], BY_NAME)

    changed = [
        name
        for name in Config.__struct_fields__
        if getattr(config, name) != getattr(Config(), name)
    ]
    price = config.prices["house-model"]
    assert set(changed) >= {*Config.__struct_fields__} - {"delay"}
    assert config.delay == 2.0
    assert all(getattr(price, name) is not None for name in PriceOverride.__struct_fields__)
    assert main(["--list"]) == 0


# JSON


def described(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The keys of the object that `node` of the schema describes."""
    for part in (node, *node.get("anyOf", ()), node.get("items", {})):
        if "$ref" in part:
            return schema["$defs"][part["$ref"].split("/")[-1]]["properties"]
    return {}


def unknown(schema: dict[str, Any], known: dict[str, Any], shown: dict[str, Any]) -> Iterator[str]:
    for key, value in shown.items():
        if key not in known:
            yield key
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from unknown(schema, described(schema, known[key]), part)


def test_every_json_key_shown_is_in_the_schema() -> None:
    schema = json_schema()
    (example,) = blocks("json")

    assert [*unknown(schema, schema["properties"], json.loads(example))] == []


def test_every_key_that_a_jq_example_asks_for_is_in_the_schema() -> None:
    schema = json_schema()
    every = set(schema["properties"]).union(*(d["properties"] for d in schema["$defs"].values()))
    programs = re.findall(r"\| jq [^']*'([^']+)'", README)
    asked = {key for text in programs for key in re.findall(r"\.([a-z_]+)", text)}

    assert len(programs) >= 3
    assert asked <= every


def test_every_command_shown_can_be_asked_for() -> None:
    shown = re.findall(
        r"^(?:\.venv/bin/)?agtop (-.*?)(?: \||$)", "\n".join(blocks("sh")), re.MULTILINE
    )

    assert len(shown) >= 4
    for command in shown:
        flags.parse([word.strip("'") for word in re.findall(r"'[^']*'|\S+", command)])
