-- Who was admitted when, what was ordered by whom, what a modality sent: said once. What moves is a patient's
-- demographics (each version is kept), a stay's state and ward, a bed's end, an order's state, whose a study is.
CREATE TRIGGER patient_filed_stays BEFORE UPDATE OF id, facility_id, code, created_at ON patient
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER patient_no_delete BEFORE DELETE ON patient
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER patient_no_truncate BEFORE TRUNCATE ON patient
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER encounter_filed_stays BEFORE UPDATE OF id, patient_id, number, admitted_at ON encounter
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER encounter_no_delete BEFORE DELETE ON encounter
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER encounter_no_truncate BEFORE TRUNCATE ON encounter
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER bed_assignment_filed_stays BEFORE UPDATE OF id, encounter_id, bed_id, slot, from_at ON bed_assignment
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER bed_assignment_no_delete BEFORE DELETE ON bed_assignment
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER bed_assignment_no_truncate BEFORE TRUNCATE ON bed_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER specimen_filed_stays BEFORE UPDATE OF id, encounter_id, barcode, specimen_type, created_at ON specimen
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER specimen_no_delete BEFORE DELETE ON specimen
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER specimen_no_truncate BEFORE TRUNCATE ON specimen
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER service_order_filed_stays BEFORE UPDATE OF id, encounter_id, kind, code, name, specimen_id, accession, study_uid, modality, ordered_by, ordered_at ON service_order
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER service_order_no_truncate BEFORE TRUNCATE ON service_order
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER study_filed_stays BEFORE UPDATE OF id, study_uid, sent_patient_id, received_at, recorded_at ON study
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER study_no_truncate BEFORE TRUNCATE ON study
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER series_no_update BEFORE UPDATE ON series
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER series_no_delete BEFORE DELETE ON series
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER series_no_truncate BEFORE TRUNCATE ON series
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER instance_no_update BEFORE UPDATE ON instance
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER instance_no_delete BEFORE DELETE ON instance
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER instance_no_truncate BEFORE TRUNCATE ON instance
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- Left once is left.
CREATE TRIGGER bed_assignment_end_stays BEFORE UPDATE OF to_at ON bed_assignment
    FOR EACH ROW WHEN (OLD.to_at IS NOT NULL) EXECUTE FUNCTION append_only();
-- A later delivery fills what an earlier one left empty, and changes nothing.
CREATE TRIGGER study_said_stays BEFORE UPDATE OF accession, sent_patient_name, sent_birth_date, sent_sex, study_date, study_time, description, station_ae ON study
    FOR EACH ROW WHEN ((OLD.accession <> '' AND NEW.accession <> OLD.accession)
        OR (OLD.sent_patient_name <> '' AND NEW.sent_patient_name <> OLD.sent_patient_name)
        OR (OLD.sent_birth_date <> '' AND NEW.sent_birth_date <> OLD.sent_birth_date)
        OR (OLD.sent_sex <> '' AND NEW.sent_sex <> OLD.sent_sex)
        OR (OLD.study_date <> '' AND NEW.study_date <> OLD.study_date)
        OR (OLD.study_time <> '' AND NEW.study_time <> OLD.study_time)
        OR (OLD.description <> '' AND NEW.description <> OLD.description)
        OR (OLD.station_ae <> '' AND NEW.station_ae <> OLD.station_ae)) EXECUTE FUNCTION append_only();
