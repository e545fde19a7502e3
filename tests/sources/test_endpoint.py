"""Only literal loopback addresses are ever spoken to."""

from __future__ import annotations

import pytest

from agtop.sources.endpoint import Endpoint, RejectedError, UnsupportedError, endpoint


@pytest.mark.parametrize(
    ("url", "found", "authority"),
    [
        ("ws://127.0.0.1:4500", Endpoint("127.0.0.1", 4500), "127.0.0.1:4500"),
        ("http://127.255.0.9:1", Endpoint("127.255.0.9", 1), "127.255.0.9:1"),
        ("WS://[::1]:65535", Endpoint("::1", 65535), "[::1]:65535"),
        ("http://127.0.0.1", Endpoint("127.0.0.1", 80), "127.0.0.1:80"),
    ],
)
def test_literal_loopback_addresses_are_taken(url: str, found: Endpoint, authority: str) -> None:
    assert endpoint(url) == found
    assert found.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:4500",
        "ws://localhost:4500",
        "ws://box:4500",
        "http://example.com",
        "https://example.com",
        "wss://10.0.0.1:1",
        "ws://0.0.0.0:4500",
        "ws://10.0.0.7:4500",
        "ws://192.168.1.5:4500",
        "ws://100.64.0.1:4500",
        "ws://169.254.169.254",
        "ws://[::]:4500",
        "ws://[::ffff:127.0.0.1]:4500",
        "ws://[0:0:0:0:0:0:0:1]:4500",
        "ws://[::1%25lo]:4500",
        "ws://127.1:4500",
        "ws://2130706433:4500",
        "ws://0x7f.0.0.1:4500",
        "ws://0177.0.0.1:4500",
        "ws://127.0.0.01:4500",
        "ws://127.0.0.256:4500",
        "ws://127.0.0.1.evil.example:4500",
        "ws://user@127.0.0.1:4500",
        "ws://user:word@127.0.0.1:4500",
        "ws://127.0.0.1:4500@evil.example",
        "ws://127.0.0.1:4500/",
        "ws://127.0.0.1:4500/rpc",
        "ws://127.0.0.1:4500?x=1",
        "ws://127.0.0.1:4500#x",
        "ws://127.0.0.1:0",
        "ws://127.0.0.1:65536",
        "ws://127.0.0.1:99999",
        "ws://127.0.0.1:",
        "ws://127.0.0.1:4500\n",
        "ws://127.0.0.1:45\t00",
        " ws://127.0.0.1:4500",
        "ws://127.0.0.1:٤٥٠٠",
        "ws://127.0.0.1:4500\\@evil.example",
        "ws:127.0.0.1:4500",
        "ftp://example.com",
    ],
)
def test_whatever_else_is_rejected(url: str) -> None:
    with pytest.raises(RejectedError):
        endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/codex.sock",
        "unix:/run/codex.sock",
        "stdio://",
        "https://127.0.0.1:4500",
        "WSS://[::1]:4500",
    ],
)
def test_other_ways_to_speak_on_this_machine_are_unsupported(url: str) -> None:
    with pytest.raises(UnsupportedError):
        endpoint(url)
