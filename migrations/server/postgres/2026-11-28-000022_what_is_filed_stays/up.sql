-- A row whose versions cannot change could still be moved under another patient. Its state moves; what it belongs to,
-- and what a device said when and about which specimen, stays.
CREATE TRIGGER observation_set_filed_stays BEFORE UPDATE OF id, encounter_id, source, device_id, inbox_id, recorded_at ON observation_set
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER observation_set_no_truncate BEFORE TRUNCATE ON observation_set
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER document_filed_stays BEFORE UPDATE OF id, encounter_id, form_code, form_version, title, created_at ON document
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER document_no_truncate BEFORE TRUNCATE ON document
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER result_filed_stays BEFORE UPDATE OF id, encounter_id, order_id, specimen_id, code, name ON result
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER result_no_truncate BEFORE TRUNCATE ON result
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
    FOR EACH ROW EXECUTE FUNCTION append_only();
