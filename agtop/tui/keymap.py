"""The keys a user wants instead of ours, checked: Textual would ignore or steal them silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from textual.binding import Binding, BindingType
from textual.keys import Keys, _character_to_key, format_key  # pyright: ignore[reportPrivateUsage]

from agtop.config import FILE_NAME, meant
from agtop.errors import ConfigError
from agtop.tui.keys import KEY_NAMES

_EVERYWHERE = frozenset({"app", "sort"})
_IN_TABS = frozenset({"panel", "tab", "trace"})
_NAMED = {
    **{name.casefold().replace("-", "+"): key for key, name in KEY_NAMES.items()},
    **{key.value: key.value for key in Keys},
    "return": "enter",
    "del": "delete",
}
"""A key as people write it → as Textual does."""
_MODIFIERS = ("ctrl+", "alt+", "shift+")

Bound = dict[str, tuple[str, ...]]
"""Binding id → keys, as Textual writes them."""


def keymap(
    wishes: Mapping[str, str | Sequence[str]], bindings: Iterable[BindingType]
) -> dict[str, str]:
    """What `App.set_keymap` takes.

    Args:
        wishes: Binding id → keys, as written in config.toml.
        bindings: All there are.

    Raises:
        ConfigError: an id or a key is unknown, or a key would do two things.
    """
    ours = names(bindings)
    theirs: Bound = {}
    for name, wish in wishes.items():
        wished = (wish,) if isinstance(wish, str) else wish
        if name not in ours:
            raise _fault(f'has no action "{name}"{meant(name, ours)}')
        if not wished:
            raise _fault(f'"{name}" needs a key')
        theirs[name] = tuple(key_named(key, name) for key in wished)
    _check_clashes(ours, theirs)
    return {name: ",".join(keys) for name, keys in theirs.items()}


def key_named(text: str, name: str) -> str:
    """`Ctrl-X`, `F5`, `?` or `space` → the key. Raises ConfigError."""
    if len(text) == 1 and text.isprintable():
        return "space" if text == " " else _character_to_key(text)
    spelled = text.strip().casefold().replace("-", "+")
    modifiers = ""
    while spelled not in _NAMED and spelled.startswith(_MODIFIERS):
        modifier, _, spelled = spelled.partition("+")
        modifiers += f"{modifier}+"
    if modifiers and len(spelled) == 1:
        return modifiers + _character_to_key(spelled)
    if spelled not in _NAMED:
        raise _fault(f'"{name}" = "{text}" is no key{meant(text, _NAMED)}')
    return modifiers + _NAMED[spelled]


def names(bindings: Iterable[BindingType]) -> Bound:
    """The keys of each action, by its id."""
    bound: Bound = {}
    for binding in Binding.make_bindings(bindings):
        if binding.id is not None and binding.key not in bound.get(binding.id, ()):
            bound[binding.id] = (*bound.get(binding.id, ()), binding.key)
    return bound


def _check_clashes(ours: Bound, theirs: Bound) -> None:
    """A key that we gave twice ourselves is meant so: Esc leaves whatever is in front."""
    for name, keys in theirs.items():
        for other, key in _holders(keys, name, {**ours, **theirs}):
            if key in ours[name] and key in ours[other]:
                continue
            raise _fault(
                f'gives {_shown(key)} to both "{name}" and "{other}"; give one another key'
            )


def _holders(keys: Sequence[str], name: str, bound: Bound) -> Iterator[tuple[str, str]]:
    for other, others in bound.items():
        if other != name and _meet(name, other):
            yield from ((other, key) for key in keys if key in others)


def _meet(one: str, other: str) -> bool:
    """Whether both can be wanted at the same time."""
    scopes = {one.partition(".")[0], other.partition(".")[0]}
    if len(scopes) == 1 or scopes <= _IN_TABS:
        return True
    return bool(scopes & _EVERYWHERE) and scopes <= {*_EVERYWHERE, *_IN_TABS, "table"}


def _shown(key: str) -> str:
    return KEY_NAMES.get(key) or format_key(key)


def _fault(what: str) -> ConfigError:
    return ConfigError(f"{FILE_NAME}: [keys] {what}")
