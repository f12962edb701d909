-- Every message a device sent, as it came. The id is the sequence that the server sees.
CREATE TABLE receipt (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id TEXT    NOT NULL UNIQUE,
    channel     TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    protocol    TEXT    NOT NULL CHECK (protocol IN ('hl7', 'astm')),
    dedupe_key  BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    -- 0: the device broke off; what came of it is kept, and is never read as a result.
    complete    INTEGER NOT NULL CHECK (complete IN (0, 1)),
    -- As received, zstd.
    raw         BLOB    NOT NULL,
    raw_size    INTEGER NOT NULL,
    raw_sha256  TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'received'
                CHECK (state IN ('received', 'normalised', 'pending', 'delivered', 'held', 'dead')),
    reason      TEXT    NOT NULL DEFAULT '',
    settled_at  INTEGER NOT NULL DEFAULT 0,
    repeats     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX receipt_dedupe ON receipt (dedupe_key, received_at);
CREATE INDEX receipt_unread ON receipt (id) WHERE state = 'received';
CREATE INDEX receipt_settled ON receipt (settled_at) WHERE state = 'delivered';

-- An ASTM message on its way: each frame is here before its <ACK>.
CREATE TABLE partial (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    channel    TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE partial_frame (
    partial_id INTEGER NOT NULL REFERENCES partial (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    bytes      BLOB    NOT NULL,
    PRIMARY KEY (partial_id, ordinal)
) STRICT, WITHOUT ROWID;
