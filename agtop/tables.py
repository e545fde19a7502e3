"""The tables of the index, and how rows come into them."""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    agent TEXT, path BLOB, device INTEGER, inode INTEGER, size INTEGER, mtime_ns INTEGER,
    meter TEXT, readings BLOB, prices TEXT, sums BLOB, keys BLOB, block BLOB,
    sharing BLOB,
    PRIMARY KEY (agent, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uses (
    agent TEXT, path BLOB, size INTEGER, mtime_ns INTEGER, prices TEXT, buckets BLOB,
    PRIMARY KEY (agent, path)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known ON files (agent, meter);
CREATE INDEX IF NOT EXISTS sharing ON files (agent) WHERE sums IS NULL;
CREATE TABLE IF NOT EXISTS sessions (
    agent TEXT, id TEXT, terms TEXT, kept BLOB, PRIMARY KEY (agent, id)
) WITHOUT ROWID;
"""

PUT = """
INSERT INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET
    device = excluded.device, inode = excluded.inode, size = excluded.size,
    mtime_ns = excluded.mtime_ns, meter = excluded.meter, readings = excluded.readings,
    prices = excluded.prices, keys = excluded.keys, block = excluded.block,
    sharing = excluded.sharing,
    sums = CASE WHEN files.sums IS NULL THEN NULL ELSE excluded.sums END
"""
"""Another agtop may have met a copy that this one has not: what shares once, shares."""

PUT_USES = """
INSERT OR REPLACE INTO uses SELECT agent, path, size, mtime_ns, ?, ? FROM files
    WHERE agent = ? AND path = ? AND sums IS NOT NULL
"""
