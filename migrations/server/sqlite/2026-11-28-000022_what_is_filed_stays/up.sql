-- A row whose versions cannot change could still be moved under another patient. Its state moves; what it belongs to,
-- and what a device said when and about which specimen, stays.
CREATE TRIGGER observation_set_filed_stays BEFORE UPDATE OF id, encounter_id, source, device_id, inbox_id, recorded_at ON observation_set
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set');
END;
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
BEGIN
    SELECT RAISE(ABORT, 'append-only: observation_set');
END;
CREATE TRIGGER document_filed_stays BEFORE UPDATE OF id, encounter_id, form_code, form_version, title, created_at ON document
BEGIN
    SELECT RAISE(ABORT, 'append-only: document');
END;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
BEGIN
    SELECT RAISE(ABORT, 'append-only: document');
END;
CREATE TRIGGER result_filed_stays BEFORE UPDATE OF id, encounter_id, order_id, specimen_id, code, name ON result
BEGIN
    SELECT RAISE(ABORT, 'append-only: result');
END;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
BEGIN
    SELECT RAISE(ABORT, 'append-only: result');
END;
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
BEGIN
    SELECT RAISE(ABORT, 'append-only: inbox');
END;
