-- Studies that the bridge keeps. The datasets are never rewritten; what a study belongs to is decided here.
CREATE TABLE study (
    id TEXT COLLATE "C" PRIMARY KEY,
    study_uid TEXT COLLATE "C" NOT NULL UNIQUE,
    encounter_id TEXT COLLATE "C" REFERENCES encounter (id),
    order_id TEXT COLLATE "C" REFERENCES service_order (id),
    linked_by TEXT COLLATE "C", -- study-uid | accession | person
    linked_at BIGINT,
    accession TEXT COLLATE "C" NOT NULL,
    sent_patient_id TEXT COLLATE "C" NOT NULL,
    sent_patient_name TEXT COLLATE "C" NOT NULL,
    sent_birth_date TEXT COLLATE "C" NOT NULL,
    sent_sex TEXT COLLATE "C" NOT NULL,
    study_date TEXT COLLATE "C" NOT NULL,
    study_time TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    station_ae TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX study_of_encounter ON study (encounter_id, received_at);
CREATE INDEX study_by_arrival ON study (received_at, id);
CREATE TABLE study_delivery (
    id TEXT COLLATE "C" PRIMARY KEY,
    study_id TEXT COLLATE "C" NOT NULL REFERENCES study (id),
    recorded_at BIGINT NOT NULL
);
CREATE TABLE series (
    series_uid TEXT COLLATE "C" PRIMARY KEY,
    study_id TEXT COLLATE "C" NOT NULL REFERENCES study (id),
    modality TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    description TEXT COLLATE "C" NOT NULL,
    body_part TEXT COLLATE "C" NOT NULL
);
CREATE INDEX series_of_study ON series (study_id, number);
CREATE TABLE instance (
    sop_uid TEXT COLLATE "C" PRIMARY KEY,
    series_uid TEXT COLLATE "C" NOT NULL REFERENCES series (series_uid),
    sop_class TEXT COLLATE "C" NOT NULL,
    transfer_syntax TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    image_rows BIGINT,
    image_columns BIGINT,
    frames BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL
);
CREATE INDEX instance_of_series ON instance (series_uid, number);
