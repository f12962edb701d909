DROP TRIGGER observation_set_version_no_delete;
CREATE TRIGGER observation_set_version_no_delete BEFORE DELETE ON observation_set_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set_version');
END;
DROP TRIGGER document_version_no_delete;
CREATE TRIGGER document_version_no_delete BEFORE DELETE ON document_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: document_version');
END;
DROP TRIGGER result_version_no_delete;
CREATE TRIGGER result_version_no_delete BEFORE DELETE ON result_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: result_version');
END;
DROP TRIGGER signed_sheet_no_delete;
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
BEGIN
    SELECT RAISE(ABORT, 'append-only: signed_sheet');
END;
DROP TRIGGER signature_no_delete;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature');
END;
DROP TRIGGER observation_set_no_delete;
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set');
END;
DROP TRIGGER document_no_delete;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
BEGIN
    SELECT RAISE(ABORT, 'append-only: document');
END;
DROP TRIGGER result_no_delete;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
BEGIN
    SELECT RAISE(ABORT, 'append-only: result');
END;
DROP TRIGGER service_order_no_delete;
CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
BEGIN
    SELECT RAISE(ABORT, 'append-only: service_order');
END;
DROP TRIGGER specimen_no_delete;
CREATE TRIGGER specimen_no_delete BEFORE DELETE ON specimen
BEGIN
    SELECT RAISE(ABORT, 'append-only: specimen');
END;
DROP TRIGGER blob_no_delete;
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
DROP TRIGGER blob_no_update;
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
DROP TRIGGER record_event_no_update;
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_event');
END;
DROP TRIGGER inbox_bytes_stay;
CREATE TRIGGER inbox_bytes_stay BEFORE UPDATE OF id, device_id, received_at, body, raw, raw_sha256 ON inbox
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
DROP TRIGGER inbox_facts_stays;
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
DROP TRIGGER medical_record_archived_stays;
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
WHEN OLD.encounter_id <> NEW.encounter_id
    OR (OLD.state = 'archived' AND (
        NEW.state <> OLD.state OR NEW.closed_at IS NOT OLD.closed_at OR NEW.archived_at IS NOT OLD.archived_at
        OR NEW.archive_number IS NOT OLD.archive_number OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until))
BEGIN
    SELECT RAISE(ABORT, 'append-only: medical_record');
END;
DROP TABLE destruction_item;
DROP TABLE destruction_list;
