CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME;
END;
$$;
-- Who lies where. A patient id is resolved through patient_link, so that a merge never rewrites a record.
CREATE TABLE patient (
    id TEXT COLLATE "C" PRIMARY KEY,
    facility_id TEXT COLLATE "C" NOT NULL REFERENCES facility (id),
    code TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL, -- folded name: finds two patients of one name
    birth_date TEXT COLLATE "C",
    sex TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    allergies TEXT COLLATE "C" NOT NULL, -- JSON array of text
    created_at BIGINT NOT NULL,
    UNIQUE (facility_id, code)
);
CREATE INDEX patient_same_name ON patient (name_key);
CREATE TABLE patient_version (
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES user_account (id),
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (patient_id, version)
);
CREATE TABLE patient_link (
    patient_id TEXT COLLATE "C" PRIMARY KEY REFERENCES patient (id),
    resolves_to TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    since BIGINT NOT NULL
);
CREATE INDEX patient_link_target ON patient_link (resolves_to);
CREATE TABLE patient_identifier (
    system TEXT COLLATE "C" NOT NULL, -- national-id | insurance-card
    value TEXT COLLATE "C" NOT NULL,
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    valid_from BIGINT NOT NULL,
    PRIMARY KEY (system, value)
);
CREATE INDEX patient_identifier_of ON patient_identifier (patient_id);
-- Words to find a patient by, folded: prefix search by range, the same on both databases.
CREATE TABLE patient_term (
    term TEXT COLLATE "C" NOT NULL,
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    PRIMARY KEY (term, patient_id)
);
CREATE TABLE encounter (
    id TEXT COLLATE "C" PRIMARY KEY,
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id),
    admitted_at BIGINT NOT NULL,
    discharged_at BIGINT,
    outcome TEXT COLLATE "C",
    diagnosis TEXT COLLATE "C" NOT NULL,
    icd10 TEXT COLLATE "C",
    pregnant BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX encounter_one_active ON encounter (patient_id) WHERE state = 'active';
CREATE INDEX encounter_of_ward ON encounter (ward_id, state);
CREATE INDEX encounter_of_patient ON encounter (patient_id, admitted_at);
CREATE TABLE bed_assignment (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    bed_id TEXT COLLATE "C" NOT NULL REFERENCES bed (id),
    slot BIGINT NOT NULL, -- 1; 2 when two patients share a bed on purpose (nằm ghép)
    from_at BIGINT NOT NULL,
    to_at BIGINT
);
CREATE UNIQUE INDEX bed_one_occupant ON bed_assignment (bed_id, slot) WHERE to_at IS NULL;
CREATE UNIQUE INDEX encounter_one_bed ON bed_assignment (encounter_id) WHERE to_at IS NULL;
CREATE INDEX bed_assignment_interval ON bed_assignment (bed_id, from_at);
CREATE INDEX bed_assignment_of ON bed_assignment (encounter_id, from_at);
CREATE TRIGGER patient_version_append_only BEFORE UPDATE OR DELETE ON patient_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER patient_version_no_truncate BEFORE TRUNCATE ON patient_version
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
