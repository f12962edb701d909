-- Records whose term is over, listed for destruction by one person, agreed to by another, and what became of each.
CREATE TABLE destruction_list (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL, -- proposed | approved | begun | done | cancelled
    decision TEXT NOT NULL, -- of the head of the hospital: its number and date
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES user_account (id),
    proposed_at INTEGER NOT NULL,
    approved_by TEXT REFERENCES user_account (id),
    approved_at INTEGER,
    cancelled_by TEXT REFERENCES user_account (id),
    cancelled_at INTEGER,
    cancel_reason TEXT,
    begun_by TEXT REFERENCES user_account (id),
    begun_at INTEGER,
    done_at INTEGER,
    minutes TEXT, -- canonical JSON
    minutes_sha256 TEXT,
    seal BLOB, -- the hospital's CMS over it
    CHECK (approved_by IS NULL OR approved_by <> proposed_by),
    CHECK (state NOT IN ('approved', 'begun', 'done') OR approved_by IS NOT NULL)
) STRICT;
CREATE INDEX destruction_list_by_state ON destruction_list (state, proposed_at, id);
CREATE TABLE destruction_item (
    list_id TEXT NOT NULL REFERENCES destruction_list (id),
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    state TEXT NOT NULL, -- listed | kept | destroying | destroyed
    note TEXT NOT NULL, -- why it was kept, or what it waits for
    erased TEXT, -- JSON: how much of what there was
    settled_at INTEGER,
    PRIMARY KEY (list_id, encounter_id)
) STRICT;
CREATE INDEX destruction_item_of_encounter ON destruction_item (encounter_id, state);
CREATE TRIGGER destruction_list_said_stays BEFORE UPDATE OF id, number, decision, reason, proposed_by, proposed_at ON destruction_list
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_list');
END;
CREATE TRIGGER destruction_list_end_stays BEFORE UPDATE ON destruction_list
WHEN OLD.state IN ('done', 'cancelled')
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_list');
END;
CREATE TRIGGER destruction_list_no_delete BEFORE DELETE ON destruction_list
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_list');
END;
CREATE TRIGGER destruction_item_listed_stays BEFORE UPDATE OF list_id, encounter_id ON destruction_item
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_item');
END;
CREATE TRIGGER destruction_item_end_stays BEFORE UPDATE ON destruction_item
WHEN OLD.state IN ('kept', 'destroyed')
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_item');
END;
CREATE TRIGGER destruction_item_no_delete BEFORE DELETE ON destruction_item
BEGIN
    SELECT RAISE(ABORT, 'append-only: destruction_item');
END;
-- From the archive a record goes one way.
DROP TRIGGER medical_record_archived_stays;
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
WHEN OLD.encounter_id <> NEW.encounter_id
    OR (OLD.state IN ('archived', 'destroying', 'destroyed') AND (
        NOT (NEW.state = OLD.state OR (OLD.state = 'archived' AND NEW.state = 'destroying')
            OR (OLD.state = 'destroying' AND NEW.state = 'destroyed'))
        OR NEW.closed_at IS NOT OLD.closed_at OR NEW.archived_at IS NOT OLD.archived_at
        OR NEW.archive_number IS NOT OLD.archive_number OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until))
BEGIN
    SELECT RAISE(ABORT, 'append-only: medical_record');
END;
-- What a record that is being destroyed holds may go, and nothing else.
DROP TRIGGER observation_set_version_no_delete;
CREATE TRIGGER observation_set_version_no_delete BEFORE DELETE ON observation_set_version
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT encounter_id FROM observation_set WHERE id = OLD.set_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set_version');
END;
DROP TRIGGER document_version_no_delete;
CREATE TRIGGER document_version_no_delete BEFORE DELETE ON document_version
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT encounter_id FROM document WHERE id = OLD.document_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: document_version');
END;
DROP TRIGGER result_version_no_delete;
CREATE TRIGGER result_version_no_delete BEFORE DELETE ON result_version
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT encounter_id FROM result WHERE id = OLD.result_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: result_version');
END;
DROP TRIGGER signed_sheet_no_delete;
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT encounter_id FROM document WHERE id = OLD.document_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: signed_sheet');
END;
DROP TRIGGER signature_no_delete;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature');
END;
DROP TRIGGER observation_set_no_delete;
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set');
END;
DROP TRIGGER document_no_delete;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: document');
END;
DROP TRIGGER result_no_delete;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: result');
END;
DROP TRIGGER service_order_no_delete;
CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: service_order');
END;
DROP TRIGGER specimen_no_delete;
CREATE TRIGGER specimen_no_delete BEFORE DELETE ON specimen
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: specimen');
END;
DROP TRIGGER blob_no_delete;
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
DROP TRIGGER blob_no_update;
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT COALESCE(OLD.encounter_id, (SELECT d.encounter_id FROM document d JOIN document_version v ON v.document_id = d.id WHERE v.pdf_sha256 = OLD.sha256 LIMIT 1), (SELECT d.encounter_id FROM signed_sheet s JOIN document d ON d.id = s.document_id WHERE s.pdf_sha256 = OLD.sha256 LIMIT 1))))
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
DROP TRIGGER record_event_no_update;
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_event');
END;
DROP TRIGGER inbox_bytes_stay;
CREATE TRIGGER inbox_bytes_stay BEFORE UPDATE OF id, device_id, received_at, body, raw, raw_sha256 ON inbox
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
DROP TRIGGER inbox_facts_stays;
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
