-- Where each record stands. No row: it is written into, and nothing is known that lengthens its term.
CREATE TABLE medical_record (
    encounter_id TEXT PRIMARY KEY REFERENCES encounter (id),
    state TEXT NOT NULL, -- active | closed | archived
    class TEXT NOT NULL, -- the ground with the longest term
    closed_at INTEGER,
    archived_at INTEGER,
    archive_number TEXT UNIQUE, -- số lưu trữ
    kept_until INTEGER -- its last year; 9999: for ever
) STRICT;
CREATE INDEX medical_record_by_state ON medical_record (state, closed_at, encounter_id);
CREATE INDEX medical_record_by_archiving ON medical_record (archived_at, encounter_id);
CREATE INDEX medical_record_by_term ON medical_record (state, kept_until, encounter_id);
-- What happened to records, with what was sealed then.
CREATE TABLE record_event (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    kind TEXT NOT NULL, -- classified | closed | reopened | archived | supplemented
    at INTEGER NOT NULL,
    by_id TEXT REFERENCES user_account (id), -- none: a rule
    reason TEXT,
    class TEXT,
    manifest_sha256 TEXT,
    manifest TEXT, -- canonical JSON: every hash
    seal BLOB -- the hospital's CMS over it
) STRICT;
CREATE INDEX record_event_of_encounter ON record_event (encounter_id, at, id);
-- What must be kept whatever its term, until it is lifted.
CREATE TABLE legal_hold (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    ground TEXT NOT NULL,
    reason TEXT NOT NULL,
    placed_by TEXT NOT NULL REFERENCES user_account (id),
    placed_at INTEGER NOT NULL,
    lifted_by TEXT REFERENCES user_account (id),
    lifted_at INTEGER,
    lift_reason TEXT
) STRICT;
CREATE INDEX legal_hold_of_encounter ON legal_hold (encounter_id, lifted_at);
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
WHEN OLD.encounter_id <> NEW.encounter_id
    OR (OLD.state = 'archived' AND (
        NEW.state <> OLD.state OR NEW.closed_at IS NOT OLD.closed_at OR NEW.archived_at IS NOT OLD.archived_at
        OR NEW.archive_number IS NOT OLD.archive_number OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until))
BEGIN
    SELECT RAISE(ABORT, 'append-only: medical_record');
END;
CREATE TRIGGER medical_record_no_delete BEFORE DELETE ON medical_record
BEGIN
    SELECT RAISE(ABORT, 'append-only: medical_record');
END;
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_event');
END;
CREATE TRIGGER record_event_no_delete BEFORE DELETE ON record_event
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_event');
END;
CREATE TRIGGER legal_hold_placed_stays BEFORE UPDATE OF id, encounter_id, ground, reason, placed_by, placed_at ON legal_hold
BEGIN
    SELECT RAISE(ABORT, 'append-only: legal_hold');
END;
CREATE TRIGGER legal_hold_lifted_stays BEFORE UPDATE ON legal_hold
WHEN OLD.lifted_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: legal_hold');
END;
CREATE TRIGGER legal_hold_no_delete BEFORE DELETE ON legal_hold
BEGIN
    SELECT RAISE(ABORT, 'append-only: legal_hold');
END;
