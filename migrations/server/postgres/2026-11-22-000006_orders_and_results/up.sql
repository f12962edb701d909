-- Orders to the laboratory and to radiology, their specimens, and what came back.
CREATE TABLE catalog_item (
    code TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    modality TEXT COLLATE "C",
    specimen_type TEXT COLLATE "C",
    position BIGINT NOT NULL
);
CREATE TABLE catalog_analyte (
    code TEXT COLLATE "C" PRIMARY KEY,
    item_code TEXT COLLATE "C" NOT NULL REFERENCES catalog_item (code),
    name TEXT COLLATE "C" NOT NULL,
    loinc TEXT COLLATE "C",
    unit TEXT COLLATE "C" NOT NULL,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    critical_low DOUBLE PRECISION,
    critical_high DOUBLE PRECISION,
    position BIGINT NOT NULL
);
CREATE INDEX catalog_analyte_loinc ON catalog_analyte (loinc);
CREATE TABLE specimen (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    barcode TEXT COLLATE "C" NOT NULL UNIQUE,
    specimen_type TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    collected_at BIGINT,
    collected_by TEXT COLLATE "C" REFERENCES user_account (id)
);
CREATE INDEX specimen_of_encounter ON specimen (encounter_id);
CREATE TABLE service_order (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    kind TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL REFERENCES catalog_item (code),
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    specimen_id TEXT COLLATE "C" REFERENCES specimen (id),
    accession TEXT COLLATE "C" UNIQUE,
    study_uid TEXT COLLATE "C" UNIQUE,
    modality TEXT COLLATE "C",
    ordered_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    ordered_at BIGINT NOT NULL,
    cancel_reason TEXT COLLATE "C"
);
CREATE INDEX service_order_of_encounter ON service_order (encounter_id, ordered_at);
CREATE INDEX service_order_by_state ON service_order (kind, state, ordered_at);
CREATE INDEX service_order_of_specimen ON service_order (specimen_id);
CREATE TABLE result (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    order_id TEXT COLLATE "C" REFERENCES service_order (id),
    specimen_id TEXT COLLATE "C" REFERENCES specimen (id),
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    current_version BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL, -- preliminary until a technician releases it
    effective_at BIGINT NOT NULL,
    seen_at BIGINT,
    UNIQUE (specimen_id, code)
);
CREATE INDEX result_of_encounter ON result (encounter_id, effective_at);
CREATE INDEX result_by_status ON result (status, effective_at);
CREATE TABLE result_version (
    result_id TEXT COLLATE "C" NOT NULL REFERENCES result (id),
    version BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    number DOUBLE PRECISION,
    unit TEXT COLLATE "C" NOT NULL,
    reference_range TEXT COLLATE "C" NOT NULL,
    flag TEXT COLLATE "C",
    critical BOOLEAN NOT NULL,
    effective_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES user_account (id),
    device_id TEXT COLLATE "C" REFERENCES device (id),
    inbox_id TEXT COLLATE "C" REFERENCES inbox (id),
    reason TEXT COLLATE "C",
    key_id BIGINT NOT NULL,
    PRIMARY KEY (result_id, version)
);
CREATE TRIGGER result_version_append_only BEFORE UPDATE OR DELETE ON result_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER result_version_no_truncate BEFORE TRUNCATE ON result_version
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
