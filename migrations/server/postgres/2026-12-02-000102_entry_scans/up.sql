-- Scans of the paper that a set or a note was written from afterwards. The bytes lie with the record.
CREATE TABLE entry_scan (
    id TEXT COLLATE "C" PRIMARY KEY,
    entry_kind TEXT COLLATE "C" NOT NULL, -- vitals | note
    entry_id TEXT COLLATE "C" NOT NULL,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    sha256 TEXT COLLATE "C" NOT NULL REFERENCES blob (sha256),
    media_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    attached_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    attached_at BIGINT NOT NULL,
    UNIQUE (entry_kind, entry_id, sha256)
);
CREATE INDEX entry_scan_of_encounter ON entry_scan (encounter_id, id);
CREATE TRIGGER entry_scan_no_update BEFORE UPDATE ON entry_scan
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER entry_scan_no_delete BEFORE DELETE ON entry_scan
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER entry_scan_no_truncate BEFORE TRUNCATE ON entry_scan
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
