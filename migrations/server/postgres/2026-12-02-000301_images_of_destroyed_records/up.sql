-- Images of a record that is being destroyed. Each bridge is asked for each study, and says when it has none of it any
-- more; only then are they taken out of the pools beside the backups, and their rows go.
CREATE TABLE image_removal (
    encounter_id TEXT COLLATE "C" PRIMARY KEY REFERENCES encounter (id),
    asked_at BIGINT NOT NULL,
    settled_at BIGINT -- nobody has them any more
);
CREATE INDEX image_removal_open ON image_removal (asked_at) WHERE settled_at IS NULL;
CREATE TABLE image_erasure (
    id TEXT COLLATE "C" PRIMARY KEY, -- of the act that the bridge is given
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES image_removal (encounter_id),
    study_uid TEXT COLLATE "C" NOT NULL,
    edge TEXT COLLATE "C" NOT NULL, -- which bridge
    asked_at BIGINT NOT NULL,
    done_at BIGINT,
    UNIQUE (study_uid, edge)
);
CREATE INDEX image_erasure_of_record ON image_erasure (encounter_id, edge);
CREATE INDEX image_erasure_open ON image_erasure (edge, asked_at, id) WHERE done_at IS NULL;
CREATE TRIGGER image_removal_said_stays BEFORE UPDATE ON image_removal
    FOR EACH ROW WHEN (NEW.encounter_id <> OLD.encounter_id OR NEW.asked_at <> OLD.asked_at OR OLD.settled_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER image_removal_no_delete BEFORE DELETE ON image_removal
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER image_removal_no_truncate BEFORE TRUNCATE ON image_removal
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER image_erasure_said_stays BEFORE UPDATE ON image_erasure
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.encounter_id <> OLD.encounter_id OR NEW.study_uid <> OLD.study_uid
        OR NEW.edge <> OLD.edge OR NEW.asked_at <> OLD.asked_at OR OLD.done_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER image_erasure_no_delete BEFORE DELETE ON image_erasure
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER image_erasure_no_truncate BEFORE TRUNCATE ON image_erasure
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- What is known of the images goes with the record, and not before.
DROP TRIGGER study_no_delete ON study;
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER series_no_delete ON series;
CREATE TRIGGER series_no_delete BEFORE DELETE ON series
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT encounter_id FROM study WHERE id = ($1).study_id');
DROP TRIGGER instance_no_delete ON instance;
CREATE TRIGGER instance_no_delete BEFORE DELETE ON instance
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT t.encounter_id FROM study t JOIN series s ON s.study_id = t.id WHERE s.series_uid = ($1).series_uid');
