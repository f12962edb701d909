-- Each print of a sheet that is to be signed with ink: a code that is read on a scan leads to its sheet.
CREATE TABLE paper_print (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL, -- as printed, ABCD-EFGH; the same for each print of one version and slot
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    slot TEXT NOT NULL, -- of the form's signing policy
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    pages INTEGER NOT NULL,
    printed_by TEXT NOT NULL REFERENCES user_account (id),
    printed_at INTEGER NOT NULL,
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version)
) STRICT;
CREATE INDEX paper_print_by_code ON paper_print (code);
CREATE INDEX paper_print_by_time ON paper_print (printed_at, id);
CREATE INDEX paper_print_of_encounter ON paper_print (encounter_id, id);
CREATE TRIGGER paper_print_no_update BEFORE UPDATE ON paper_print
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_print');
END;
CREATE TRIGGER paper_print_no_delete BEFORE DELETE ON paper_print
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = OLD.encounter_id)
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_print');
END;
-- Scanned files, each sealed with a key of its own: whose it is may not be known. Once one is linked, its bytes lie with the
-- record (blob) and no longer here.
CREATE TABLE paper_scan (
    id TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    pictures INTEGER NOT NULL, -- that can be shown; a page is one or a few
    found TEXT NOT NULL, -- none | one | several codes
    code TEXT, -- the one
    pages TEXT NOT NULL, -- of the print, those that were seen: 1,2
    ward_id TEXT REFERENCES ward (id), -- where it was handed in; none: nobody said
    handed_in_by TEXT NOT NULL REFERENCES user_account (id),
    handed_in_at INTEGER NOT NULL,
    state TEXT NOT NULL, -- waiting | aside | linked
    patient_signature_id TEXT REFERENCES patient_signature (id),
    encounter_id TEXT REFERENCES encounter (id),
    key_id INTEGER NOT NULL,
    bytes BLOB,
    CHECK ((found = 'one') = (code IS NOT NULL)),
    CHECK ((state = 'linked') = (bytes IS NULL)),
    CHECK ((state = 'linked') = (patient_signature_id IS NOT NULL)),
    CHECK ((state = 'linked') = (encounter_id IS NOT NULL))
) STRICT;
CREATE INDEX paper_scan_by_state ON paper_scan (state, handed_in_at, id);
CREATE INDEX paper_scan_by_code ON paper_scan (code) WHERE code IS NOT NULL;
CREATE INDEX paper_scan_of_encounter ON paper_scan (encounter_id) WHERE encounter_id IS NOT NULL;
CREATE TRIGGER paper_scan_said_stays BEFORE UPDATE OF
    id, sha256, media_type, size, pictures, found, code, pages, ward_id, handed_in_by, handed_in_at, key_id ON paper_scan
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan');
END;
CREATE TRIGGER paper_scan_bytes_stay BEFORE UPDATE OF bytes ON paper_scan
WHEN NEW.bytes IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan');
END;
CREATE TRIGGER paper_scan_link_stays BEFORE UPDATE ON paper_scan
WHEN OLD.state = 'linked'
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan');
END;
CREATE TRIGGER paper_scan_no_delete BEFORE DELETE ON paper_scan
WHEN NOT EXISTS (
    SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = coalesce(
        OLD.encounter_id, (SELECT p.encounter_id FROM paper_print p WHERE p.code = OLD.code ORDER BY p.id LIMIT 1))
)
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan');
END;
-- What became of each.
CREATE TABLE paper_scan_event (
    id TEXT PRIMARY KEY,
    scan_id TEXT NOT NULL REFERENCES paper_scan (id),
    kind TEXT NOT NULL, -- set-aside | brought-back | linked
    at INTEGER NOT NULL,
    by_id TEXT NOT NULL REFERENCES user_account (id),
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX paper_scan_event_of_scan ON paper_scan_event (scan_id, id);
CREATE TRIGGER paper_scan_event_no_update BEFORE UPDATE ON paper_scan_event
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan_event');
END;
CREATE TRIGGER paper_scan_event_no_delete BEFORE DELETE ON paper_scan_event
WHEN NOT EXISTS (
    SELECT 1 FROM medical_record r JOIN paper_scan s ON s.id = OLD.scan_id WHERE r.state = 'destroying' AND r.encounter_id = coalesce(
        s.encounter_id, (SELECT p.encounter_id FROM paper_print p WHERE p.code = s.code ORDER BY p.id LIMIT 1))
)
BEGIN
    SELECT RAISE(ABORT, 'append-only: paper_scan_event');
END;
