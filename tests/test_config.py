"""config.toml is followed, or a sentence says what stands in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agtop.attention import AlertWish
from agtop.config import BudgetWish, Config, PriceOverride, load, parse, parse_plan
from agtop.errors import ConfigError

AGENTS = ("claude", "codex", "gemini")
COLUMNS = ("state", "cost", "tokens", "doing")

FULL = """
plan = "max"
delay = "500ms"
sort = "cost"
columns = ["state", "cost"]

[plans]
codex = "enterprise"

[prices."house-model"]
input = 1
output = 2.5
search = 0.01

[roots]
claude = ["~/work/.claude"]

[models]
claude = "house-model"

[windows]
"house-model" = 400000
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def read(folder: Path) -> Config:
    return load(folder, lambda: AGENTS, COLUMNS)


def complaint(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read(folder)
    return str(caught.value)


def test_no_file_means_the_defaults(tmp_path: Path):
    assert read(tmp_path / "nowhere") == Config()


def test_an_empty_file_means_the_defaults(tmp_path: Path):
    write(tmp_path, "")

    assert read(tmp_path) == Config()


def test_everything_that_can_be_said_is_taken_in(tmp_path: Path):
    write(tmp_path, FULL)

    assert read(tmp_path) == Config(
        plan="max",
        plans={"codex": "included"},
        delay=0.5,
        sort="cost",
        columns=("state", "cost"),
        prices={"house-model": PriceOverride(1.0, 2.5, search=0.01)},
        roots={"claude": ("~/work/.claude",)},
        models={"claude": "house-model"},
        windows={"house-model": 400_000},
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[plans]\nclade = "max"',
            'config.toml: [plans] has no key "clade"; did you mean "claude"? (line 2)',
        ),
        (
            "\n\ndealy = 3",
            'config.toml: has no key "dealy"; did you mean "delay"? (line 3)',
        ),
        (
            '[models]\nzzz = "x"',
            'config.toml: [models] has no key "zzz" (line 2)',
        ),
        (
            '[roots]\nzzz = ["~/x"]',
            'config.toml: [roots] has no key "zzz" (line 2)',
        ),
        (
            "[prices.m]\ninput = 1\noutput = 1\ncash_read = 3",
            'config.toml: [prices.m] has no key "cash_read"; did you mean "cache_read"? (line 4)',
        ),
        (
            'plan = "gold"',
            'config.toml: plan = "gold" is no plan; choose retail, max or included (line 1)',
        ),
        (
            'columns = ["cost", "tokns"]',
            'config.toml: columns has no column "tokns"; did you mean "tokens"? (line 1)',
        ),
        (
            'sort = "cots"',
            'config.toml: sort = "cots" is no column; did you mean "cost"? (line 1)',
        ),
        ("plans = 3", "config.toml: plans should be a table (line 1)"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_place(tmp_path: Path, text: str, sentence: str):
    assert complaint(tmp_path, text) == sentence


@pytest.mark.parametrize("price", ["nan", "inf", "-inf", "-1", "-0.5", '"1"', "true", "[1]"])
def test_a_price_is_a_finite_number_not_below_zero(tmp_path: Path, price: str):
    said = complaint(tmp_path, f"[prices.m]\ninput = {price}\noutput = 1")

    assert said.startswith("config.toml: [prices.m] input ")


def test_a_model_may_be_free(tmp_path: Path):
    write(tmp_path, "[prices.m]\ninput = 0\noutput = 0")

    assert read(tmp_path).prices["m"] == PriceOverride(0, 0)


@pytest.mark.parametrize("window", ["0", "-5", "nan", "inf", "1.5", '"many"', "true"])
def test_a_window_is_a_whole_number_of_tokens(tmp_path: Path, window: str):
    assert complaint(tmp_path, f"[windows]\nm = {window}").startswith("config.toml: [windows] m ")


@pytest.mark.parametrize("delay", ["nan", "inf", "0", "-1", "true", '"soon"', "1979-05-27", "[]"])
def test_a_delay_is_seconds_or_a_duration(tmp_path: Path, delay: str):
    assert complaint(tmp_path, f"delay = {delay}").startswith("config.toml: ")


@pytest.mark.parametrize(("delay", "seconds"), [("3", 3.0), ("0.5", 0.5), ('"1m"', 60.0)])
def test_a_delay_may_be_a_number(tmp_path: Path, delay: str, seconds: float):
    write(tmp_path, f"delay = {delay}")

    assert read(tmp_path).delay == seconds


def test_a_column_is_not_shown_twice(tmp_path: Path):
    assert '"cost" twice' in complaint(tmp_path, 'columns = ["cost", "state", "cost"]')


@pytest.mark.parametrize("text", ["plan = ", "[" * 5000, "a = 1\na = 2", "x = \x01"])
def test_a_file_that_is_not_toml_is_refused_and_left_alone(tmp_path: Path, text: str):
    path = write(tmp_path, text)
    before = path.read_bytes()

    with pytest.raises(ConfigError, match="is not TOML"):
        read(tmp_path)

    assert path.read_bytes() == before


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b'plan = "\xff"')

    with pytest.raises(ConfigError, match="not UTF-8"):
        read(tmp_path)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbfplan = "max"')

    assert read(tmp_path).plan == "max"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path):
    write(tmp_path, "").chmod(0)

    with pytest.raises(ConfigError, match="permission denied"):
        read(tmp_path)


def test_a_folder_in_its_place_is_named(tmp_path: Path):
    (tmp_path / "config.toml").mkdir()

    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path)


def test_agents_are_only_asked_for_when_the_file_names_some(tmp_path: Path):
    write(tmp_path, 'plan = "max"')

    def refuse() -> tuple[str, ...]:
        raise AssertionError("nobody needs the agents")

    assert load(tmp_path, refuse, COLUMNS).plan == "max"


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("retail", "retail"),
        ("Default", "retail"),
        ("API", "retail"),
        ("claude_max", "max"),
        ("claude-max", "max"),
        ("enterprise", "included"),
        ("not-billed", "included"),
    ],
)
def test_plans_have_other_names(text: str, plan: str):
    assert parse_plan(text) == plan


def test_an_unknown_plan_is_told_with_those_there_are():
    with pytest.raises(ValueError, match='no plan "gold"; choose retail, max or included'):
        parse_plan("gold")


@pytest.mark.parametrize(
    ("config", "covered"),
    [
        (Config(), set()),
        (Config(plan="max"), {"claude"}),
        (Config(plan="included"), {"claude", "codex", "gemini"}),
        (Config(plan="included", plans={"codex": "retail"}), {"claude", "gemini"}),
        (Config(plans={"codex": "max"}), {"codex"}),
        (Config(plan="max", plans={"claude": "retail"}), set()),
    ],
)
def test_a_plan_covers_agents_and_an_agents_own_plan_outranks_it(config: Config, covered: set[str]):
    assert config.covered(AGENTS) == covered


def test_budgets_are_taken_in(tmp_path: Path):
    write(
        tmp_path,
        '[budgets.day]\ndollars = 20\n\n[budgets."agent:claude/week"]\ntokens = 5000\n'
        'action = "pause"\nat = [90]\non_estimates = true\n',
    )

    assert read(tmp_path).budgets == {
        "day": BudgetWish(20.0),
        "agent:claude/week": BudgetWish(None, 5000, "pause", (90,), True),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[budgets.month]\ndollars = 1", '[budgets] "month" is nothing to set a budget for'),
        ("[budgets.day]\ndollars = 0", "[budgets.day] dollars = 0.0 is no budget (line 2)"),
        ("[budgets.day]\ndollars = nan", "[budgets.day] dollars"),
        ("[budgets.day]\ndollars = inf", "[budgets.day] dollars"),
        ("[budgets.day]\ntokens = -1", "[budgets.day] tokens = -1 is no budget"),
        ("[budgets.day]\ntokens = 1.5", "[budgets.day] tokens"),
        ("[budgets.day]\ndollars = '5'", "[budgets.day] dollars"),
        ("[budgets.day]\nat = [0]", "[budgets.day] at = 0 is no percentage"),
        ("[budgets.day]\ndolars = 5", 'has no key "dolars"; did you mean "dollars"?'),
        (
            "[budgets.day]\naction = 'shoot'",
            '[budgets.day] action = "shoot" is no action; choose warn, pause or stop',
        ),
    ],
)
def test_a_budget_that_makes_no_sense_is_named(tmp_path: Path, text: str, sentence: str):
    assert sentence in complaint(tmp_path, text)


def test_a_theme_that_is_not_there_is_told_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(ConfigError, match=r'theme = "lihgt" is no theme; did you mean "light"\?'):
        parse('theme = "lihgt"', list, ())
    with pytest.raises(ConfigError, match=r'"xyz" is no theme; choose dark, light, .* or mono \('):
        parse('theme = "xyz"', list, ())
    with pytest.raises(ConfigError, match=r"ascii should be true or false"):
        parse("ascii = 1", list, ())


def test_the_ways_to_be_told_are_read(tmp_path: Path):
    write(
        tmp_path,
        '[alerts]\nway = "desktop"\non = ["waiting", "window"]\nquiet = "22:00-07:00"\n'
        'cooldown = "5m"\ncommand = "notify --now"\n',
    )

    assert read(tmp_path).alerts == AlertWish(
        "desktop", ("waiting", "window"), "22:00-07:00", 300.0, "notify --now"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'way = "loud"',
            '[alerts] way = "loud" is no way to be told; choose off, bell or desktop (line 2)',
        ),
        (
            'on = ["waitin"]',
            (
                "[alerts] on should be a list of waiting, error, stalled, looping, limited, window,"
                " budget or conflict (line 2)"
            ),
        ),
        (
            'quiet = "at night"',
            (
                '[alerts] quiet = "at night" are no hours of a day; write them like "22:00-07:00"'
                " (line 2)"
            ),
        ),
        (
            'cooldown = "soon"',
            '[alerts] cooldown: "soon" is not a delay; write seconds (2, 0.5) or 500ms (line 2)',
        ),
        (
            'command = "say \'it"',
            '[alerts] command = "say \'it" has a quote that is never closed (line 2)',
        ),
        ('sound = "x"', '[alerts] has no key "sound" (line 2)'),
        ("cooldown = true", "[alerts] cooldown should be a number (line 2)"),
    ],
)
def test_an_alert_that_cannot_be_followed_is_told_in_a_sentence(
    tmp_path: Path, text: str, said: str
):
    assert complaint(tmp_path, f"[alerts]\n{text}\n") == f"config.toml: {said}"
