DROP TRIGGER observation_set_version_no_update ON observation_set_version;
DROP TRIGGER observation_set_version_no_delete ON observation_set_version;
CREATE TRIGGER observation_set_version_append_only BEFORE UPDATE OR DELETE ON observation_set_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER document_version_no_update ON document_version;
DROP TRIGGER document_version_no_delete ON document_version;
CREATE TRIGGER document_version_append_only BEFORE UPDATE OR DELETE ON document_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER result_version_no_update ON result_version;
DROP TRIGGER result_version_no_delete ON result_version;
CREATE TRIGGER result_version_append_only BEFORE UPDATE OR DELETE ON result_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER signed_sheet_no_delete ON signed_sheet;
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER signature_no_update ON signature;
DROP TRIGGER signature_no_delete ON signature;
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON signature
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER observation_set_no_delete ON observation_set;
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER document_no_delete ON document;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER result_no_delete ON result;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER service_order_no_delete ON service_order;
CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER specimen_no_delete ON specimen;
CREATE TRIGGER specimen_no_delete BEFORE DELETE ON specimen
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER blob_no_update ON blob;
DROP TRIGGER blob_no_delete ON blob;
CREATE TRIGGER blob_append_only BEFORE UPDATE OR DELETE ON blob
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER record_event_no_update ON record_event;
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER inbox_bytes_stay ON inbox;
CREATE TRIGGER inbox_bytes_stay BEFORE UPDATE OF id, device_id, received_at, body, raw, raw_sha256 ON inbox
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER inbox_facts_stays ON inbox;
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP FUNCTION append_only_until_destroyed();
DROP TRIGGER medical_record_archived_stays ON medical_record;
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
    FOR EACH ROW WHEN (OLD.encounter_id <> NEW.encounter_id
        OR (OLD.state = 'archived' AND (
            NEW.state <> OLD.state OR NEW.closed_at IS DISTINCT FROM OLD.closed_at
            OR NEW.archived_at IS DISTINCT FROM OLD.archived_at
            OR NEW.archive_number IS DISTINCT FROM OLD.archive_number
            OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until)))
    EXECUTE FUNCTION append_only();
DROP TABLE destruction_item;
DROP TABLE destruction_list;
