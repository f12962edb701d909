-- Each print of a sheet that is to be signed with ink: a code that is read on a scan leads to its sheet.
CREATE TABLE paper_print (
    id TEXT COLLATE "C" PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL, -- as printed, ABCD-EFGH; the same for each print of one version and slot
    document_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    slot TEXT COLLATE "C" NOT NULL, -- of the form's signing policy
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    pages BIGINT NOT NULL,
    printed_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    printed_at BIGINT NOT NULL,
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version)
);
CREATE INDEX paper_print_by_code ON paper_print (code);
CREATE INDEX paper_print_by_time ON paper_print (printed_at, id);
CREATE INDEX paper_print_of_encounter ON paper_print (encounter_id, id);
CREATE TRIGGER paper_print_no_update BEFORE UPDATE ON paper_print
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER paper_print_no_delete BEFORE DELETE ON paper_print
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER paper_print_no_truncate BEFORE TRUNCATE ON paper_print
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- Scanned files, each sealed with a key of its own: whose it is may not be known. Once one is linked, its bytes lie with the
-- record (blob) and no longer here.
CREATE TABLE paper_scan (
    id TEXT COLLATE "C" PRIMARY KEY,
    sha256 TEXT COLLATE "C" NOT NULL UNIQUE,
    media_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    pictures BIGINT NOT NULL, -- that can be shown; a page is one or a few
    found TEXT COLLATE "C" NOT NULL, -- none | one | several codes
    code TEXT COLLATE "C", -- the one
    pages TEXT COLLATE "C" NOT NULL, -- of the print, those that were seen: 1,2
    ward_id TEXT COLLATE "C" REFERENCES ward (id), -- where it was handed in; none: nobody said
    handed_in_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    handed_in_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- waiting | aside | linked
    patient_signature_id TEXT COLLATE "C" REFERENCES patient_signature (id),
    encounter_id TEXT COLLATE "C" REFERENCES encounter (id),
    key_id BIGINT NOT NULL,
    bytes BYTEA,
    CHECK ((found = 'one') = (code IS NOT NULL)),
    CHECK ((state = 'linked') = (bytes IS NULL)),
    CHECK ((state = 'linked') = (patient_signature_id IS NOT NULL)),
    CHECK ((state = 'linked') = (encounter_id IS NOT NULL))
);
CREATE INDEX paper_scan_by_state ON paper_scan (state, handed_in_at, id);
CREATE INDEX paper_scan_by_code ON paper_scan (code) WHERE code IS NOT NULL;
CREATE INDEX paper_scan_of_encounter ON paper_scan (encounter_id) WHERE encounter_id IS NOT NULL;
CREATE TRIGGER paper_scan_said_stays BEFORE UPDATE OF
    id, sha256, media_type, size, pictures, found, code, pages, ward_id, handed_in_by, handed_in_at, key_id ON paper_scan
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER paper_scan_bytes_stay BEFORE UPDATE OF bytes ON paper_scan
    FOR EACH ROW WHEN (NEW.bytes IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER paper_scan_link_stays BEFORE UPDATE ON paper_scan
    FOR EACH ROW WHEN (OLD.state = 'linked')
    EXECUTE FUNCTION append_only();
CREATE TRIGGER paper_scan_no_delete BEFORE DELETE ON paper_scan
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed(
        'SELECT coalesce(($1).encounter_id, (SELECT p.encounter_id FROM paper_print p WHERE p.code = ($1).code ORDER BY p.id LIMIT 1))');
CREATE TRIGGER paper_scan_no_truncate BEFORE TRUNCATE ON paper_scan
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- What became of each.
CREATE TABLE paper_scan_event (
    id TEXT COLLATE "C" PRIMARY KEY,
    scan_id TEXT COLLATE "C" NOT NULL REFERENCES paper_scan (id),
    kind TEXT COLLATE "C" NOT NULL, -- set-aside | brought-back | linked
    at BIGINT NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX paper_scan_event_of_scan ON paper_scan_event (scan_id, id);
CREATE TRIGGER paper_scan_event_no_update BEFORE UPDATE ON paper_scan_event
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER paper_scan_event_no_delete BEFORE DELETE ON paper_scan_event
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed(
        'SELECT coalesce(s.encounter_id, (SELECT p.encounter_id FROM paper_print p WHERE p.code = s.code ORDER BY p.id LIMIT 1)) FROM paper_scan s WHERE s.id = ($1).scan_id');
CREATE TRIGGER paper_scan_event_no_truncate BEFORE TRUNCATE ON paper_scan_event
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
