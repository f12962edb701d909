-- What devices sent, as they sent it, and whose it turned out to be.
CREATE TABLE device (
    id TEXT PRIMARY KEY,
    sender_key TEXT NOT NULL UNIQUE, -- channel, application, facility and equipment or address, as the wire tells
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- monitor | analyzer | modality | unknown
    channel TEXT NOT NULL,
    bed_id TEXT REFERENCES bed (id), -- for a monitor that does not say where it stands
    last_seen_at INTEGER,
    skew INTEGER, -- its clock minus ours at last arrival, µs
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, -- the delivery's id: applied once, however often it comes
    device_id TEXT NOT NULL REFERENCES device (id),
    kind TEXT NOT NULL, -- vitals | lab | other
    state TEXT NOT NULL, -- pending | matched | waiting | dismissed | set-aside
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    effective_at INTEGER,
    specimen TEXT,
    body TEXT NOT NULL,
    raw BLOB NOT NULL, -- zstd
    raw_sha256 TEXT NOT NULL,
    key_id INTEGER NOT NULL, -- 0: not encrypted
    encounter_id TEXT REFERENCES encounter (id),
    handled_by TEXT REFERENCES user_account (id),
    handled_at INTEGER,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_by_state ON inbox (state, seq);
CREATE INDEX inbox_of_device ON inbox (device_id, seq);
CREATE TRIGGER inbox_bytes_stay BEFORE UPDATE OF id, device_id, received_at, body, raw, raw_sha256 ON inbox
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
CREATE TRIGGER inbox_no_delete BEFORE DELETE ON inbox
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
