-- Vital signs. A set's content is in versions; its row only points at the current one.
CREATE TABLE observation_set (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    current_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL, -- manual | device
    device_id TEXT REFERENCES device (id),
    inbox_id TEXT REFERENCES inbox (id),
    slot_key TEXT UNIQUE, -- one device set per encounter, device and ten minutes
    effective_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_set_chart ON observation_set (encounter_id, effective_at);
CREATE INDEX observation_set_proposed ON observation_set (status, encounter_id, effective_at);
CREATE TABLE observation_set_version (
    set_id TEXT NOT NULL REFERENCES observation_set (id),
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    author_id TEXT REFERENCES user_account (id), -- none while only a device has spoken
    reason_code TEXT,
    reason TEXT,
    body TEXT NOT NULL, -- the canonical bytes that a signature covers (RFC 8785)
    sha256 TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    PRIMARY KEY (set_id, version)
) STRICT;
CREATE TABLE observation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    set_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    code TEXT NOT NULL,
    value REAL,
    text TEXT,
    unit TEXT NOT NULL,
    not_measured TEXT,
    provenance TEXT NOT NULL,
    out_of_range_reason TEXT,
    effective_at INTEGER NOT NULL,
    FOREIGN KEY (set_id, version) REFERENCES observation_set_version (set_id, version)
) STRICT;
CREATE INDEX observation_of_set ON observation (set_id, version);
CREATE TRIGGER observation_set_version_no_update BEFORE UPDATE ON observation_set_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set_version');
END;
CREATE TRIGGER observation_set_version_no_delete BEFORE DELETE ON observation_set_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set_version');
END;
CREATE TRIGGER observation_no_update BEFORE UPDATE ON observation
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation');
END;
CREATE TRIGGER observation_no_delete BEFORE DELETE ON observation
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation');
END;
