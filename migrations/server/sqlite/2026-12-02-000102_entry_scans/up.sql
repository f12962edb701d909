-- Scans of the paper that a set or a note was written from afterwards. The bytes lie with the record.
CREATE TABLE entry_scan (
    id TEXT PRIMARY KEY,
    entry_kind TEXT NOT NULL, -- vitals | note
    entry_id TEXT NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    sha256 TEXT NOT NULL REFERENCES blob (sha256),
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    attached_by TEXT NOT NULL REFERENCES user_account (id),
    attached_at INTEGER NOT NULL,
    UNIQUE (entry_kind, entry_id, sha256)
) STRICT;
CREATE INDEX entry_scan_of_encounter ON entry_scan (encounter_id, id);
CREATE TRIGGER entry_scan_no_update BEFORE UPDATE ON entry_scan
BEGIN
    SELECT RAISE(ABORT, 'append-only: entry_scan');
END;
CREATE TRIGGER entry_scan_no_delete BEFORE DELETE ON entry_scan
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = OLD.encounter_id)
BEGIN
    SELECT RAISE(ABORT, 'append-only: entry_scan');
END;
