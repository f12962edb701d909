-- Bedside devices come in by protocols of their own: the program knows the names, the table no longer lists them.
CREATE TABLE receipt_anew (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id TEXT    NOT NULL UNIQUE,
    channel     TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    protocol    TEXT    NOT NULL CHECK (protocol <> ''),
    dedupe_key  BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    complete    INTEGER NOT NULL CHECK (complete IN (0, 1)),
    raw         BLOB    NOT NULL,
    raw_size    INTEGER NOT NULL,
    raw_sha256  TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'received'
                CHECK (state IN ('received', 'normalised', 'pending', 'delivered', 'held', 'dead')),
    reason      TEXT    NOT NULL DEFAULT '',
    settled_at  INTEGER NOT NULL DEFAULT 0,
    repeats     INTEGER NOT NULL DEFAULT 0,
    seen_at     INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO receipt_anew SELECT id, delivery_id, channel, address, lane, protocol, dedupe_key, received_at, complete, raw,
    raw_size, raw_sha256, state, reason, settled_at, repeats, seen_at FROM receipt;
-- A sequence number is never given twice, even if the newest rows are pruned.
DELETE FROM sqlite_sequence WHERE name = 'receipt_anew';
INSERT INTO sqlite_sequence (name, seq) SELECT 'receipt_anew', seq FROM sqlite_sequence WHERE name = 'receipt';
DROP TABLE receipt;
ALTER TABLE receipt_anew RENAME TO receipt;

CREATE INDEX receipt_dedupe ON receipt (dedupe_key, received_at);
CREATE INDEX receipt_unread ON receipt (id) WHERE state = 'received';
CREATE INDEX receipt_settled ON receipt (settled_at) WHERE state = 'delivered';
CREATE INDEX receipt_open ON receipt (id) WHERE state IN ('held', 'dead') AND seen_at = 0;
