"""A strict reader of Prometheus' text format: anything it does not know is an error."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]

_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


@dataclass
class Metric:
    """One name with its type and samples."""

    kind: str = ""
    help: str = ""
    samples: dict[Labels, float] = field(default_factory=dict[Labels, float])


def read(text: str) -> dict[str, Metric]:
    """Name → metric. Raises AssertionError for whatever is not as the format has it."""
    assert text.endswith("\n")
    found: dict[str, Metric] = {}
    open_name = ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            _, _, open_name, told = line.split(" ", 3)
            assert open_name not in found, f"{open_name} comes twice"
            found[open_name] = Metric(help=told)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == open_name
            assert kind in ("counter", "gauge")
            assert not found[name].kind
            assert not found[name].samples
            found[name].kind = kind
        else:
            _sample(line, open_name, found[open_name])
    for name, metric in found.items():
        assert metric.samples, f"{name} has no sample"
        assert (metric.kind == "counter") == name.endswith("_total")
    return found


def _sample(line: str, open_name: str, metric: Metric) -> None:
    match = _SAMPLE.fullmatch(line)
    assert match, line
    name, inner, value = match.groups()
    assert name == open_name, f"{name} stands among those of {open_name}"
    assert metric.kind
    labels = _labels(inner or "")
    assert labels not in metric.samples, f"{line} comes twice"
    assert math.isfinite(float(value))
    metric.samples[labels] = float(value)


def _labels(text: str) -> Labels:
    found: list[tuple[str, str]] = []
    while text:
        match = _LABEL.match(text)
        assert match, text
        found.append((match[1], re.sub(r"\\(.)", _unescaped, match[2])))
        text = text[match.end() :]
    assert len(dict(found)) == len(found)
    return tuple(found)


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]
