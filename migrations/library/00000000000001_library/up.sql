-- What the bridge holds. Datasets lie in blobs/ under the SHA-256 of their bytes and are never rewritten;
-- these rows say what they are. Patient fields are as sent: corrections are the server's overlay.
CREATE TABLE study (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    study_uid    TEXT    NOT NULL UNIQUE,
    accession    TEXT    NOT NULL,
    patient_id   TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    patient_name TEXT    NOT NULL,
    birth_date   TEXT    NOT NULL,
    sex          TEXT    NOT NULL,
    study_date   TEXT    NOT NULL,
    study_time   TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    station_ae   TEXT    NOT NULL,
    received_at  INTEGER NOT NULL,
    -- Counts changes; what was last told to the server stands beside it.
    changed      INTEGER NOT NULL DEFAULT 0,
    delivered    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX study_undelivered ON study (id) WHERE changed > delivered;

CREATE TABLE series (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id    INTEGER NOT NULL REFERENCES study (id),
    series_uid  TEXT    NOT NULL,
    modality    TEXT    NOT NULL,
    number      INTEGER,
    description TEXT    NOT NULL,
    body_part   TEXT    NOT NULL,
    UNIQUE (study_id, series_uid)
) STRICT;

CREATE INDEX series_by_uid ON series (series_uid);

CREATE TABLE instance (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    series_id       INTEGER NOT NULL REFERENCES series (id),
    sop_uid         TEXT    NOT NULL UNIQUE,
    sop_class       TEXT    NOT NULL,
    transfer_syntax TEXT    NOT NULL,
    -- How elements are laid out, observed: implicit-little, explicit-little, explicit-big.
    layout          TEXT    NOT NULL,
    number          INTEGER,
    image_rows      INTEGER,
    image_columns   INTEGER,
    frames          INTEGER NOT NULL,
    sha256          TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    -- Of the element that holds the pixels and of its value, from the dataset's first byte; nothing without pixels.
    header_size     INTEGER NOT NULL,
    pixel_offset    INTEGER,
    -- Nothing when encapsulated.
    pixel_length    INTEGER,
    received_from   TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    repeats         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX instance_by_series ON instance (series_id, number);

-- Stored, acknowledged with a warning, and in no study until a person decides.
CREATE TABLE quarantine (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    why             TEXT    NOT NULL CHECK (why IN ('content-differs', 'patient-differs', 'no-study')),
    sop_uid         TEXT    NOT NULL,
    study_uid       TEXT    NOT NULL,
    transfer_syntax TEXT    NOT NULL,
    sha256          TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    received_from   TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    repeats         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (sop_uid, sha256)
) STRICT;

-- What was turned away, for the operator: no patient data, the oldest rows leave.
CREATE TABLE refusal (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    calling  TEXT    NOT NULL,
    called   TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

-- The worklist as last pulled, so that modalities are answered while the server is away.
CREATE TABLE worklist (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    pulled_at INTEGER NOT NULL,
    items     TEXT    NOT NULL
) STRICT;
