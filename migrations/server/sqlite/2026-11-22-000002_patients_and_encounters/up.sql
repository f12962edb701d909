-- Who lies where. A patient id is resolved through patient_link, so that a merge never rewrites a record.
CREATE TABLE patient (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facility (id),
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- folded name: finds two patients of one name
    birth_date TEXT,
    sex TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    allergies TEXT NOT NULL, -- JSON array of text
    created_at INTEGER NOT NULL,
    UNIQUE (facility_id, code)
) STRICT;
CREATE INDEX patient_same_name ON patient (name_key);
CREATE TABLE patient_version (
    patient_id TEXT NOT NULL REFERENCES patient (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    author_id TEXT REFERENCES user_account (id),
    body TEXT NOT NULL,
    PRIMARY KEY (patient_id, version)
) STRICT;
CREATE TABLE patient_link (
    patient_id TEXT PRIMARY KEY REFERENCES patient (id),
    resolves_to TEXT NOT NULL REFERENCES patient (id),
    since INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_link_target ON patient_link (resolves_to);
CREATE TABLE patient_identifier (
    system TEXT NOT NULL, -- national-id | insurance-card
    value TEXT NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    valid_from INTEGER NOT NULL,
    PRIMARY KEY (system, value)
) STRICT;
CREATE INDEX patient_identifier_of ON patient_identifier (patient_id);
-- Words to find a patient by, folded: prefix search by range, the same on both databases.
CREATE TABLE patient_term (
    term TEXT NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    PRIMARY KEY (term, patient_id)
) STRICT;
CREATE TABLE encounter (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    ward_id TEXT NOT NULL REFERENCES ward (id),
    admitted_at INTEGER NOT NULL,
    discharged_at INTEGER,
    outcome TEXT,
    diagnosis TEXT NOT NULL,
    icd10 TEXT,
    pregnant INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX encounter_one_active ON encounter (patient_id) WHERE state = 'active';
CREATE INDEX encounter_of_ward ON encounter (ward_id, state);
CREATE INDEX encounter_of_patient ON encounter (patient_id, admitted_at);
CREATE TABLE bed_assignment (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    bed_id TEXT NOT NULL REFERENCES bed (id),
    slot INTEGER NOT NULL, -- 1; 2 when two patients share a bed on purpose (nằm ghép)
    from_at INTEGER NOT NULL,
    to_at INTEGER
) STRICT;
CREATE UNIQUE INDEX bed_one_occupant ON bed_assignment (bed_id, slot) WHERE to_at IS NULL;
CREATE UNIQUE INDEX encounter_one_bed ON bed_assignment (encounter_id) WHERE to_at IS NULL;
CREATE INDEX bed_assignment_interval ON bed_assignment (bed_id, from_at);
CREATE INDEX bed_assignment_of ON bed_assignment (encounter_id, from_at);
CREATE TRIGGER patient_version_no_update BEFORE UPDATE ON patient_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: patient_version');
END;
CREATE TRIGGER patient_version_no_delete BEFORE DELETE ON patient_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: patient_version');
END;
