"""`--json`, `--ndjson` and `--json-schema`: the snapshot for programs."""

from __future__ import annotations

from agtop.export.document import SCHEMA_VERSION, document
from agtop.export.write import encode, json_schema, write_each, write_json, write_snapshot

__all__ = [
    "SCHEMA_VERSION",
    "document",
    "encode",
    "json_schema",
    "write_each",
    "write_json",
    "write_snapshot",
]
