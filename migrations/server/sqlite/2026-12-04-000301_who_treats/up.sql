-- Doctors who treat a patient beside the ward's own staff, and whoever covers a ward for some hours. What was said stays; it
-- ends once.
CREATE TABLE treating_doctor (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    user_id TEXT NOT NULL REFERENCES user_account (id),
    part TEXT NOT NULL, -- treating | consult
    named_by TEXT NOT NULL REFERENCES user_account (id),
    named_at INTEGER NOT NULL,
    ended_by TEXT REFERENCES user_account (id),
    ended_at INTEGER,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX treating_doctor_once ON treating_doctor (encounter_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX treating_doctor_of_user ON treating_doctor (user_id) WHERE ended_at IS NULL;
CREATE TABLE ward_duty (
    id TEXT PRIMARY KEY,
    ward_id TEXT NOT NULL REFERENCES ward (id),
    user_id TEXT NOT NULL REFERENCES user_account (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    set_by TEXT NOT NULL REFERENCES user_account (id),
    set_at INTEGER NOT NULL,
    ended_by TEXT REFERENCES user_account (id), -- before its time
    ended_at INTEGER,
    CHECK (starts_at < ends_at),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX ward_duty_of_ward ON ward_duty (ward_id, ends_at) WHERE ended_at IS NULL;
CREATE INDEX ward_duty_of_user ON ward_duty (user_id, ends_at) WHERE ended_at IS NULL;
CREATE TRIGGER treating_doctor_said_stays BEFORE UPDATE ON treating_doctor
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.id <> NEW.id
    OR OLD.encounter_id <> NEW.encounter_id OR OLD.user_id <> NEW.user_id OR OLD.part <> NEW.part
    OR OLD.named_by <> NEW.named_by OR OLD.named_at <> NEW.named_at
BEGIN
    SELECT RAISE(ABORT, 'append-only: treating_doctor');
END;
CREATE TRIGGER treating_doctor_no_delete BEFORE DELETE ON treating_doctor
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = OLD.encounter_id)
BEGIN
    SELECT RAISE(ABORT, 'append-only: treating_doctor');
END;
CREATE TRIGGER ward_duty_said_stays BEFORE UPDATE ON ward_duty
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.id <> NEW.id
    OR OLD.ward_id <> NEW.ward_id OR OLD.user_id <> NEW.user_id OR OLD.starts_at <> NEW.starts_at
    OR OLD.ends_at <> NEW.ends_at OR OLD.set_by <> NEW.set_by OR OLD.set_at <> NEW.set_at
BEGIN
    SELECT RAISE(ABORT, 'append-only: ward_duty');
END;
CREATE TRIGGER ward_duty_no_delete BEFORE DELETE ON ward_duty
BEGIN
    SELECT RAISE(ABORT, 'append-only: ward_duty');
END;
