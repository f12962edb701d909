-- Studies that the bridge keeps. The datasets are never rewritten; what a study belongs to is decided here.
CREATE TABLE study (
    id TEXT PRIMARY KEY,
    study_uid TEXT NOT NULL UNIQUE,
    encounter_id TEXT REFERENCES encounter (id),
    order_id TEXT REFERENCES service_order (id),
    linked_by TEXT, -- study-uid | accession | person
    linked_at INTEGER,
    accession TEXT NOT NULL,
    sent_patient_id TEXT NOT NULL,
    sent_patient_name TEXT NOT NULL,
    sent_birth_date TEXT NOT NULL,
    sent_sex TEXT NOT NULL,
    study_date TEXT NOT NULL,
    study_time TEXT NOT NULL,
    description TEXT NOT NULL,
    station_ae TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX study_of_encounter ON study (encounter_id, received_at);
CREATE INDEX study_by_arrival ON study (received_at, id);
CREATE TABLE study_delivery (
    id TEXT PRIMARY KEY,
    study_id TEXT NOT NULL REFERENCES study (id),
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE TABLE series (
    series_uid TEXT PRIMARY KEY,
    study_id TEXT NOT NULL REFERENCES study (id),
    modality TEXT NOT NULL,
    number INTEGER,
    description TEXT NOT NULL,
    body_part TEXT NOT NULL
) STRICT;
CREATE INDEX series_of_study ON series (study_id, number);
CREATE TABLE instance (
    sop_uid TEXT PRIMARY KEY,
    series_uid TEXT NOT NULL REFERENCES series (series_uid),
    sop_class TEXT NOT NULL,
    transfer_syntax TEXT NOT NULL,
    number INTEGER,
    image_rows INTEGER,
    image_columns INTEGER,
    frames INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL
) STRICT;
CREATE INDEX instance_of_series ON instance (series_uid, number);
