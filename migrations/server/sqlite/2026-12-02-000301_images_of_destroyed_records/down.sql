DROP TRIGGER instance_no_delete;
CREATE TRIGGER instance_no_delete BEFORE DELETE ON instance
BEGIN
    SELECT RAISE(ABORT, 'append-only: instance');
END;
DROP TRIGGER series_no_delete;
CREATE TRIGGER series_no_delete BEFORE DELETE ON series
BEGIN
    SELECT RAISE(ABORT, 'append-only: series');
END;
DROP TRIGGER study_no_delete;
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
BEGIN
    SELECT RAISE(ABORT, 'append-only: study');
END;
DROP TABLE image_erasure;
DROP TABLE image_removal;
