"""`--json`, `--ndjson`, `--json-schema` and `sources --json`: what is known, for programs."""

from __future__ import annotations

from agtop.export.document import SCHEMA_VERSION, document
from agtop.export.write import (
    contract_schema,
    encode,
    inventory_schema,
    json_schema,
    write_each,
    write_json,
    write_snapshot,
)

__all__ = [
    "SCHEMA_VERSION",
    "contract_schema",
    "document",
    "encode",
    "inventory_schema",
    "json_schema",
    "write_each",
    "write_json",
    "write_snapshot",
]
