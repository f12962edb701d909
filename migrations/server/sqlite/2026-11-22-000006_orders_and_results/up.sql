-- Orders to the laboratory and to radiology, their specimens, and what came back.
CREATE TABLE catalog_item (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    modality TEXT,
    specimen_type TEXT,
    position INTEGER NOT NULL
) STRICT;
CREATE TABLE catalog_analyte (
    code TEXT PRIMARY KEY,
    item_code TEXT NOT NULL REFERENCES catalog_item (code),
    name TEXT NOT NULL,
    loinc TEXT,
    unit TEXT NOT NULL,
    low REAL,
    high REAL,
    critical_low REAL,
    critical_high REAL,
    position INTEGER NOT NULL
) STRICT;
CREATE INDEX catalog_analyte_loinc ON catalog_analyte (loinc);
CREATE TABLE specimen (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    barcode TEXT NOT NULL UNIQUE,
    specimen_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    collected_at INTEGER,
    collected_by TEXT REFERENCES user_account (id)
) STRICT;
CREATE INDEX specimen_of_encounter ON specimen (encounter_id);
CREATE TABLE service_order (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    kind TEXT NOT NULL,
    code TEXT NOT NULL REFERENCES catalog_item (code),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    specimen_id TEXT REFERENCES specimen (id),
    accession TEXT UNIQUE,
    study_uid TEXT UNIQUE,
    modality TEXT,
    ordered_by TEXT NOT NULL REFERENCES user_account (id),
    ordered_at INTEGER NOT NULL,
    cancel_reason TEXT
) STRICT;
CREATE INDEX service_order_of_encounter ON service_order (encounter_id, ordered_at);
CREATE INDEX service_order_by_state ON service_order (kind, state, ordered_at);
CREATE INDEX service_order_of_specimen ON service_order (specimen_id);
CREATE TABLE result (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    order_id TEXT REFERENCES service_order (id),
    specimen_id TEXT REFERENCES specimen (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    current_version INTEGER NOT NULL,
    status TEXT NOT NULL, -- preliminary until a technician releases it
    effective_at INTEGER NOT NULL,
    seen_at INTEGER,
    UNIQUE (specimen_id, code)
) STRICT;
CREATE INDEX result_of_encounter ON result (encounter_id, effective_at);
CREATE INDEX result_by_status ON result (status, effective_at);
CREATE TABLE result_version (
    result_id TEXT NOT NULL REFERENCES result (id),
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    value TEXT NOT NULL,
    number REAL,
    unit TEXT NOT NULL,
    reference_range TEXT NOT NULL,
    flag TEXT,
    critical INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    author_id TEXT REFERENCES user_account (id),
    device_id TEXT REFERENCES device (id),
    inbox_id TEXT REFERENCES inbox (id),
    reason TEXT,
    key_id INTEGER NOT NULL,
    PRIMARY KEY (result_id, version)
) STRICT;
CREATE TRIGGER result_version_no_update BEFORE UPDATE ON result_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: result_version');
END;
CREATE TRIGGER result_version_no_delete BEFORE DELETE ON result_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: result_version');
END;
