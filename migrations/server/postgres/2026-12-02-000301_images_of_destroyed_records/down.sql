DROP TRIGGER instance_no_delete ON instance;
CREATE TRIGGER instance_no_delete BEFORE DELETE ON instance
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER series_no_delete ON series;
CREATE TRIGGER series_no_delete BEFORE DELETE ON series
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TRIGGER study_no_delete ON study;
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
    FOR EACH ROW EXECUTE FUNCTION append_only();
DROP TABLE image_erasure;
DROP TABLE image_removal;
