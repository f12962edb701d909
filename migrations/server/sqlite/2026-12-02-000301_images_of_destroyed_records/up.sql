-- Images of a record that is being destroyed. Each bridge is asked for each study, and says when it has none of it any
-- more; only then are they taken out of the pools beside the backups, and their rows go.
CREATE TABLE image_removal (
    encounter_id TEXT PRIMARY KEY REFERENCES encounter (id),
    asked_at INTEGER NOT NULL,
    settled_at INTEGER -- nobody has them any more
) STRICT;
CREATE INDEX image_removal_open ON image_removal (asked_at) WHERE settled_at IS NULL;
CREATE TABLE image_erasure (
    id TEXT PRIMARY KEY, -- of the act that the bridge is given
    encounter_id TEXT NOT NULL REFERENCES image_removal (encounter_id),
    study_uid TEXT NOT NULL,
    edge TEXT NOT NULL, -- which bridge
    asked_at INTEGER NOT NULL,
    done_at INTEGER,
    UNIQUE (study_uid, edge)
) STRICT;
CREATE INDEX image_erasure_of_record ON image_erasure (encounter_id, edge);
CREATE INDEX image_erasure_open ON image_erasure (edge, asked_at, id) WHERE done_at IS NULL;
CREATE TRIGGER image_removal_said_stays BEFORE UPDATE ON image_removal
WHEN NEW.encounter_id <> OLD.encounter_id OR NEW.asked_at <> OLD.asked_at OR OLD.settled_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: image_removal');
END;
CREATE TRIGGER image_removal_no_delete BEFORE DELETE ON image_removal
BEGIN
    SELECT RAISE(ABORT, 'append-only: image_removal');
END;
CREATE TRIGGER image_erasure_said_stays BEFORE UPDATE ON image_erasure
WHEN NEW.id <> OLD.id OR NEW.encounter_id <> OLD.encounter_id OR NEW.study_uid <> OLD.study_uid OR NEW.edge <> OLD.edge
    OR NEW.asked_at <> OLD.asked_at OR OLD.done_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: image_erasure');
END;
CREATE TRIGGER image_erasure_no_delete BEFORE DELETE ON image_erasure
BEGIN
    SELECT RAISE(ABORT, 'append-only: image_erasure');
END;
-- What is known of the images goes with the record, and not before.
DROP TRIGGER study_no_delete;
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = OLD.encounter_id)
BEGIN
    SELECT RAISE(ABORT, 'append-only: study');
END;
DROP TRIGGER series_no_delete;
CREATE TRIGGER series_no_delete BEFORE DELETE ON series
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT encounter_id FROM study WHERE id = OLD.study_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: series');
END;
DROP TRIGGER instance_no_delete;
CREATE TRIGGER instance_no_delete BEFORE DELETE ON instance
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT t.encounter_id FROM study t JOIN series s ON s.study_id = t.id WHERE s.series_uid = OLD.series_uid))
BEGIN
    SELECT RAISE(ABORT, 'append-only: instance');
END;
