-- Where each record stands. No row: it is written into, and nothing is known that lengthens its term.
CREATE TABLE medical_record (
    encounter_id TEXT COLLATE "C" PRIMARY KEY REFERENCES encounter (id),
    state TEXT COLLATE "C" NOT NULL, -- active | closed | archived
    class TEXT COLLATE "C" NOT NULL, -- the ground with the longest term
    closed_at BIGINT,
    archived_at BIGINT,
    archive_number TEXT COLLATE "C" UNIQUE, -- số lưu trữ
    kept_until BIGINT -- its last year; 9999: for ever
);
CREATE INDEX medical_record_by_state ON medical_record (state, closed_at, encounter_id);
CREATE INDEX medical_record_by_archiving ON medical_record (archived_at, encounter_id);
CREATE INDEX medical_record_by_term ON medical_record (state, kept_until, encounter_id);
-- What happened to records, with what was sealed then.
CREATE TABLE record_event (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    kind TEXT COLLATE "C" NOT NULL, -- classified | closed | reopened | archived | supplemented
    at BIGINT NOT NULL,
    by_id TEXT COLLATE "C" REFERENCES user_account (id), -- none: a rule
    reason TEXT COLLATE "C",
    class TEXT COLLATE "C",
    manifest_sha256 TEXT COLLATE "C",
    manifest TEXT COLLATE "C", -- canonical JSON: every hash
    seal BYTEA -- the hospital's CMS over it
);
CREATE INDEX record_event_of_encounter ON record_event (encounter_id, at, id);
-- What must be kept whatever its term, until it is lifted.
CREATE TABLE legal_hold (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    ground TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    placed_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    placed_at BIGINT NOT NULL,
    lifted_by TEXT COLLATE "C" REFERENCES user_account (id),
    lifted_at BIGINT,
    lift_reason TEXT COLLATE "C"
);
CREATE INDEX legal_hold_of_encounter ON legal_hold (encounter_id, lifted_at);
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
    FOR EACH ROW WHEN (OLD.encounter_id <> NEW.encounter_id
        OR (OLD.state = 'archived' AND (
            NEW.state <> OLD.state OR NEW.closed_at IS DISTINCT FROM OLD.closed_at
            OR NEW.archived_at IS DISTINCT FROM OLD.archived_at
            OR NEW.archive_number IS DISTINCT FROM OLD.archive_number
            OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until)))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER medical_record_no_delete BEFORE DELETE ON medical_record
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER medical_record_no_truncate BEFORE TRUNCATE ON medical_record
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_event_no_delete BEFORE DELETE ON record_event
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_event_no_truncate BEFORE TRUNCATE ON record_event
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER legal_hold_placed_stays BEFORE UPDATE OF id, encounter_id, ground, reason, placed_by, placed_at ON legal_hold
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER legal_hold_lifted_stays BEFORE UPDATE ON legal_hold
    FOR EACH ROW WHEN (OLD.lifted_at IS NOT NULL) EXECUTE FUNCTION append_only();
CREATE TRIGGER legal_hold_no_delete BEFORE DELETE ON legal_hold
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER legal_hold_no_truncate BEFORE TRUNCATE ON legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
