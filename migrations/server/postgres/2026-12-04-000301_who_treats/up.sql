-- Doctors who treat a patient beside the ward's own staff, and whoever covers a ward for some hours. What was said stays; it
-- ends once.
CREATE TABLE treating_doctor (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    part TEXT COLLATE "C" NOT NULL, -- treating | consult
    named_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    named_at BIGINT NOT NULL,
    ended_by TEXT COLLATE "C" REFERENCES user_account (id),
    ended_at BIGINT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX treating_doctor_once ON treating_doctor (encounter_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX treating_doctor_of_user ON treating_doctor (user_id) WHERE ended_at IS NULL;
CREATE TABLE ward_duty (
    id TEXT COLLATE "C" PRIMARY KEY,
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    set_at BIGINT NOT NULL,
    ended_by TEXT COLLATE "C" REFERENCES user_account (id), -- before its time
    ended_at BIGINT,
    CHECK (starts_at < ends_at),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX ward_duty_of_ward ON ward_duty (ward_id, ends_at) WHERE ended_at IS NULL;
CREATE INDEX ward_duty_of_user ON ward_duty (user_id, ends_at) WHERE ended_at IS NULL;
CREATE TRIGGER treating_doctor_said_stays BEFORE UPDATE ON treating_doctor
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.id <> NEW.id
        OR OLD.encounter_id <> NEW.encounter_id OR OLD.user_id <> NEW.user_id OR OLD.part <> NEW.part
        OR OLD.named_by <> NEW.named_by OR OLD.named_at <> NEW.named_at)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER treating_doctor_no_delete BEFORE DELETE ON treating_doctor
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER treating_doctor_no_truncate BEFORE TRUNCATE ON treating_doctor
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER ward_duty_said_stays BEFORE UPDATE ON ward_duty
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.id <> NEW.id
        OR OLD.ward_id <> NEW.ward_id OR OLD.user_id <> NEW.user_id OR OLD.starts_at <> NEW.starts_at
        OR OLD.ends_at <> NEW.ends_at OR OLD.set_by <> NEW.set_by OR OLD.set_at <> NEW.set_at)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER ward_duty_no_delete BEFORE DELETE ON ward_duty
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ward_duty_no_truncate BEFORE TRUNCATE ON ward_duty
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
