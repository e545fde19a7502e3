"""Names leave the machine only when they are surely harmless."""

from __future__ import annotations

import pytest

from agtop.privacy import HOME, REDACTED, label, leaf, opaque


@pytest.mark.parametrize(
    "text",
    [
        "claude-opus-4-1-20250805",
        "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
        "anthropic/claude-sonnet-4-5@20250929",
        "gpt-5.1-codex",
        "GPT-5.1 (high)",
        "models/gemini-2.5-pro",
        "web-shop",
        "tokenizer",
        "key-value-store",
        "2.1.329",
        "überprojekt",
    ],
)
def test_harmless_names_stay(text: str) -> None:
    assert label(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x" * 81,
        "\x1b[31mred",
        "two\nlines",
        "right\u202eleft",
        "/home/ada/models/x.gguf",
        "~/x",
        "./x",
        "C:\\Users\\ada",
        "models/home/ada/x",
        "ada@example.com",
        "https://example.com/x",
        "www.example.com",
        "sk-ant-api03-abcdef",
        "ghp_abcdefghij",
        "xoxb-123456-abc",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOi",
        "API_KEY=hunter2",
        "password: hunter2",
        "0123456789abcdef01234567",
        "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdo",
    ],
)
def test_paths_addresses_and_secrets_do_not(text: str) -> None:
    assert label(text) == REDACTED


def test_what_is_unknown_stays_unknown() -> None:
    assert label(None) is None
    assert leaf(None, None) is None


@pytest.mark.parametrize(
    "path", ["/home/ada", "/Users/ada/", "/root", "C:\\Users\\ada", "/srv/people/ada"]
)
def test_a_home_is_not_told_by_its_user_s_name(path: str) -> None:
    assert leaf(path, "ada", home="/srv/people/ada") == HOME


def test_a_directory_is_told_by_its_last_part_alone() -> None:
    assert leaf("/home/ada/clients/web-shop", "web-shop") == "web-shop"
    assert leaf("/", "/") == REDACTED


def test_a_random_id_stays_and_any_other_becomes_a_digest() -> None:
    random = "8f14e45f-ceea-467f-a0e6-1f0c7d2b91aa"

    assert opaque(random) == random
    assert opaque("ada/secret") == opaque("ada/secret")
    assert opaque("ada/secret") != opaque("ada/other")
    assert "secret" not in opaque("ada/secret")
    assert opaque("\udc80").startswith("id-")
