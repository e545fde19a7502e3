"""Other keys: checked, bound, and told in the help and the bar at the bottom."""

from __future__ import annotations

import pytest

from agtop.config import parse
from agtop.errors import ConfigError
from agtop.tui.app import Agtop
from agtop.tui.keymap import key_named, keymap
from tests.tui.fleet import snapshot
from tests.tui.stage import screen, seen, show


def mapped(**wishes: str | list[str]) -> dict[str, str]:
    """Other keys for actions, `app__quit` being `app.quit`."""
    dotted = {name.replace("__", "."): keys for name, keys in wishes.items()}
    return keymap(dotted, Agtop.every_binding())


async def test_a_key_of_the_user_s_acts_and_ours_no_longer() -> None:
    app = Agtop(None, keymap=mapped(app__ended="z", app__tabs=["Ctrl-T", "f11"]))
    async with app.run_test(size=(120, 36)) as pilot:
        await show(pilot, snapshot())
        await pilot.press("H")
        assert app.show_ended
        await pilot.press("z")
        assert not app.show_ended
        was = app.panel.display
        await pilot.press("ctrl+t")
        assert app.panel.display is not was
        await pilot.press("f11")
        assert app.panel.display is was


async def test_help_and_the_bar_at_the_bottom_follow() -> None:
    app = Agtop(None, keymap=mapped(app__filter="F7", app__help="f8"))
    async with app.run_test(size=(120, 80)) as pilot:
        await show(pilot, snapshot())
        bar = screen(app)[-1]
        await pilot.press("f8")
        await pilot.pause()

        assert "F8 Help" in bar
        assert "F7 Filter" in bar
        assert "F7  " in seen(app)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("?", "question_mark"),
        ("$", "dollar_sign"),
        ("Z", "Z"),
        (" ", "space"),
        ("Space", "space"),
        ("F12", "f12"),
        ("Ctrl-X", "ctrl+x"),
        ("ctrl+shift+f3", "ctrl+shift+f3"),
        ("Alt-x", "alt+x"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("Del", "delete"),
    ],
)
def test_keys_are_written_as_in_the_help(written: str, key: str) -> None:
    assert key_named(written, "app.quit") == key


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"app.qiut": "x"}, r'has no action "app.qiut"; did you mean "app.quit"\?'),
        ({"app.quit": "Hyper-Q"}, '"app.quit" = "Hyper-Q" is no key'),
        ({"app.quit": "spcae"}, r'"spcae" is no key; did you mean "space"\?'),
        ({"app.quit": []}, '"app.quit" needs a key'),
        ({"app.quit": "/"}, 'gives / to both "app.quit" and "app.filter"'),
        ({"app.quit": "F4"}, 'gives F4 to both "app.quit" and "app.filter"'),
        ({"app.quit": "k"}, 'gives k to both "app.quit" and "tab.up"'),
        ({"app.quit": "z", "app.why": "z"}, 'gives z to both "app.quit" and "app.why"'),
        ({"panel.leave": "1"}, 'gives 1 to both "panel.leave" and "app.info"'),
    ],
)
def test_what_cannot_be_bound_is_told(wishes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=r"config.toml: \[keys\] .*" + sentence):
        keymap(wishes, Agtop.every_binding())


def test_keys_that_changed_places_do_not_clash() -> None:
    assert mapped(app__why="H", app__ended="w") == {"app.why": "H", "app.ended": "w"}


def test_the_same_key_on_another_page_does_not_clash() -> None:
    assert mapped(sheet__close="w") == {"sheet.close": "w"}


def test_the_keys_we_gave_twice_ourselves_may_be_written_down() -> None:
    assert mapped(app__all="escape", panel__leave=["Esc", "Enter"])


def test_a_table_of_keys_is_read() -> None:
    config = parse('[keys]\n"app.quit" = ["x", "F10"]\n"app.why" = "W"', list, ())

    assert config.keys == {"app.quit": ("x", "F10"), "app.why": "W"}
    with pytest.raises(ConfigError, match=r"\[keys\] app.quit should be a key or a list of keys"):
        parse('[keys]\n"app.quit" = 3', list, ())
