-- What waits to travel to the server. A row leaves when the server has committed it.
CREATE TABLE uplink_outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id   TEXT    NOT NULL UNIQUE,
    -- Rows of one lane arrive in the order of their ids; lanes do not wait for each other.
    lane          TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('device', 'study')),
    -- The row that it speaks for, in the words of the database that holds it.
    subject       TEXT    NOT NULL,
    -- JSON, zstd.
    body          BLOB    NOT NULL,
    body_size     INTEGER NOT NULL,
    state         TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'held', 'dead')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER NOT NULL DEFAULT 0,
    next_at       INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX uplink_outbox_waiting ON uplink_outbox (id) WHERE state = 'waiting';
CREATE INDEX uplink_outbox_lane ON uplink_outbox (lane, next_at) WHERE state = 'waiting';
CREATE INDEX uplink_outbox_subject ON uplink_outbox (subject);
