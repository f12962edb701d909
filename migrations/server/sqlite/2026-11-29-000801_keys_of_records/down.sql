DROP TABLE key_store;
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
DROP INDEX blob_of_encounter;
ALTER TABLE encounter DROP COLUMN sealed;
ALTER TABLE encounter DROP COLUMN key_id;
ALTER TABLE record_event DROP COLUMN sealed;
ALTER TABLE record_event DROP COLUMN key_id;
ALTER TABLE signature DROP COLUMN key_id;
ALTER TABLE blob DROP COLUMN encounter_id;
ALTER TABLE result_version DROP COLUMN sealed;
ALTER TABLE document_version DROP COLUMN sealed;
ALTER TABLE observation_set_version DROP COLUMN sealed;
