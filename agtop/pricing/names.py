"""Reads the name a transcript gives a model, strictly: it may be spelled otherwise, never guessed.

`us.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5` asked through Bedrock, and
`claude-sonnet-4.5` the same model. `gpt-5-pro` is never `gpt-5`: nothing is cut off a name but
what is known not to change the model.
"""

from __future__ import annotations

import re

from agtop.model import Record

LONGEST = 256
"""No model is called by a longer name; a transcript that says so is broken."""

VENDORS = {
    "anthropic": "anthropic",
    "claude": "anthropic",
    "openai": "openai",
    "codex": "openai",
    "google": "google",
    "gemini": "google",
    "moonshotai": "moonshotai",
    "moonshot": "moonshotai",
    "kimi": "moonshotai",
    "kimi-code": "moonshotai",
    "zai": "zai",
    "z-ai": "zai",
    "zai-coding-plan": "zai",
    "x-ai": "x-ai",
    "xai": "x-ai",
    "deepseek": "deepseek",
    "minimax": "minimax",
    "mistral": "mistral",
    "mistralai": "mistral",
    "alibaba": "alibaba",
    "dashscope": "alibaba",
    "qwen": "alibaba",
}
"""Who makes and sells a model, by the names that agents and routers give them."""

LOCAL = frozenset(
    {
        "ollama",
        "lmstudio",
        "lm-studio",
        "llama.cpp",
        "llamacpp",
        "llamafile",
        "local",
        "mlx",
        "vllm",
    }
)
"""Programs that run a model on the user's own machine, where nobody bills by the token."""

OPEN_WEIGHTS = frozenset({"moonshotai", "zai", "deepseek", "minimax", "mistral", "alibaba"})
"""Vendors whose models others host too, at prices of their own."""

_FILLER = frozenset({"models", "publishers"})
_PROJECT = re.compile(r"projects/[^/]+/locations/[^/]+/")
_BEDROCK = re.compile(r"(?:(?:us|eu|apac|jp|au|ca|us-gov|global)\.)?([a-z]+)\.(?=[a-z])")
_BEDROCK_VERSION = re.compile(r"-v\d+(?::\d+)?$")
_LONG_CONTEXT = "[1m]"
_SUFFIXES = (
    re.compile(r"-customtools$"),
    re.compile(r"@(?:20\d{6}|default)$"),
    re.compile(r"-20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"),
    re.compile(r"-20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"),
)
"""What names a variety or a day's release of the same model: tool use, Vertex and dated ids."""


class Name(Record):
    """A model's name, taken apart."""

    spellings: tuple[str, ...]
    """Ways to write the bare model, nearest to the transcript first; keys of the price table."""
    hosts: tuple[str, ...]
    """Who was asked, outermost first: `openrouter`, `anthropic`."""
    is_long: bool
    """It asks for the long context window (`[1m]`)."""


def key(name: str) -> str:
    """How the price table spells a name: dots and dashes are the same, and so is the case."""
    return name.lower().replace(".", "-")


def parse(model: str) -> Name | None:
    """Take a name apart; None if no model can be called that."""
    if not model or len(model) > LONGEST:
        return None
    bare = _PROJECT.sub("", model.lower(), count=1)
    is_long = bare.endswith(_LONG_CONTEXT)
    *route, bare = bare.removesuffix(_LONG_CONTEXT).split("/")
    hosts = [host for host in route if host not in _FILLER]
    if bedrock := _bedrock_vendor(bare):
        hosts += ["bedrock", bedrock[1]]
        bare = _BEDROCK_VERSION.sub("", bare[bedrock.end() :])
    return Name(_spellings(bare), tuple(hosts), is_long) if bare else None


def _bedrock_vendor(bare: str) -> re.Match[str] | None:
    match = _BEDROCK.match(bare)
    return match if match and match[1] in VENDORS else None


def _spellings(bare: str) -> tuple[str, ...]:
    spellings = [bare]
    for suffix in _SUFFIXES:
        shorter = suffix.sub("", spellings[-1])
        if shorter and shorter != spellings[-1]:
            spellings.append(shorter)
    return tuple(key(spelling) for spelling in spellings)
