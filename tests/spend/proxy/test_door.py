"""Where the proxy is: the address as people write it, and a key that nothing shows."""

from __future__ import annotations

import pickle
import traceback

import msgspec
import pytest

from agtop.errors import ProxyError
from agtop.spend.proxy.door import Key, door
from tests.spend.proxy.litellm import KEY


def environ(base: str, key: str = KEY) -> dict[str, str]:
    return {"LITELLM_BASE_URL": base, "LITELLM_API_KEY": key}


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("http://localhost:4000", "http://localhost:4000"),
        ("http://localhost:4000/", "http://localhost:4000"),
        (" http://localhost:4000/v1 ", "http://localhost:4000"),
        ("http://localhost:4000/v1/", "http://localhost:4000"),
        ("https://llm.example.org/litellm", "https://llm.example.org/litellm"),
        ("https://llm.example.org/litellm/v1/", "https://llm.example.org/litellm"),
        ("https://llm.example.org/litellm//", "https://llm.example.org/litellm"),
        ("https://llm.example.org/envoy1", "https://llm.example.org/envoy1"),
        ("http://[::1]:4000/v1", "http://[::1]:4000"),
    ],
)
def test_the_address_is_taken_as_it_is_written_for_chats_too(base: str, root: str) -> None:
    assert door(environ(base)).root == root


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ("LITELLM_BASE_URL and LITELLM_API_KEY",)),
        ({"LITELLM_BASE_URL": "http://localhost:4000"}, ("set LITELLM_API_KEY",)),
        ({"LITELLM_API_KEY": KEY}, ("set LITELLM_BASE_URL",)),
        ({"LITELLM_BASE_URL": " ", "LITELLM_API_KEY": " "}, ("set LITELLM_BASE_URL and",)),
    ],
)
def test_what_is_missing_is_said_with_what_to_set(
    given: dict[str, str], names: tuple[str, ...]
) -> None:
    with pytest.raises(ProxyError) as found:
        door(given)

    assert all(name in str(found.value) for name in names)
    assert KEY not in str(found.value)


@pytest.mark.parametrize(
    "base",
    [
        "localhost:4000",
        "ftp://localhost",
        "http://",
        "http://host:0/",
        "http://host:99999999",
        "http://ho st/",
        "http://host/\x1b[2J",
        "http://[::1",
        f"http://me:{KEY}@host/",
        f"http://{KEY}@host/",
        f"http://host/?key={KEY}",
        f"http://host/#{KEY}",
        KEY,
    ],
)
def test_what_is_no_address_is_told_without_its_value(base: str) -> None:
    with pytest.raises(ProxyError) as found:
        door(environ(base))

    assert "LITELLM_BASE_URL" in str(found.value)
    assert KEY not in str(found.value)
    assert KEY not in "".join(traceback.format_exception(found.value))


@pytest.mark.parametrize("key", [f"{KEY}\n{KEY}", f"{KEY} x", f"{KEY}ü", f"\x00{KEY}"])
def test_a_key_that_cannot_be_sent_is_told_without_its_value(key: str) -> None:
    with pytest.raises(ProxyError) as found:
        door(environ("http://localhost", key))

    assert "LITELLM_API_KEY" in str(found.value)
    assert KEY not in "".join(traceback.format_exception(found.value))


def test_the_key_can_be_neither_printed_nor_written() -> None:
    found = door(environ(f"http://localhost/{KEY}"))

    for shown in (f"{found!r} {found}", f"{found.key!r} {found.key}", found.shown):
        assert KEY not in shown
    with pytest.raises(TypeError):
        pickle.dumps(found.key)
    with pytest.raises(TypeError):
        msgspec.json.encode(found.key)


def test_the_key_is_hidden_wherever_it_stands_in_a_text() -> None:
    assert Key(KEY).hidden_in(f"a {KEY} b {KEY}") == "a ••• b •••"
    assert Key("gpt").hidden_in("gpt-5.5") == "gpt-5.5"


@pytest.mark.parametrize(
    ("base", "is_clear"),
    [
        ("http://localhost:4000", False),
        ("http://127.0.0.8", False),
        ("http://[::1]", False),
        ("https://llm.example.org", False),
        ("http://llm.example.org", True),
        ("http://10.0.0.7:4000", True),
    ],
)
def test_a_key_that_everybody_on_the_way_can_read_is_noticed(base: str, is_clear: bool) -> None:
    assert door(environ(base)).is_clear is is_clear
