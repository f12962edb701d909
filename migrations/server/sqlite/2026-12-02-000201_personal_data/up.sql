-- What people whose data it is asked for (yêu cầu của chủ thể dữ liệu), with the clocks of the law; and what they agreed to
-- (sự đồng ý), for each purpose an answer a time. Nothing that was said changes.
CREATE TABLE subject_request (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    kind TEXT NOT NULL, -- view | correct | provide | withdraw-consent | limit | object | delete | protect
    state TEXT NOT NULL, -- received | accepted | refused | done | taken-back
    details TEXT NOT NULL,
    purpose TEXT, -- whose consent is withdrawn
    encounter_id TEXT REFERENCES encounter (id), -- the record that it is about
    given_by TEXT NOT NULL, -- who asks and by which paper they were known: JSON
    paper TEXT NOT NULL, -- their written request: number and date
    received_by TEXT NOT NULL REFERENCES user_account (id),
    received_at INTEGER NOT NULL,
    answer_by INTEGER NOT NULL,
    act_by INTEGER NOT NULL,
    extended_to INTEGER,
    extended_by TEXT REFERENCES user_account (id),
    extended_at INTEGER,
    extension TEXT, -- why, as it was told to who asked
    decided_by TEXT REFERENCES user_account (id),
    decided_at INTEGER,
    decision TEXT, -- the ground, or what will be done
    ended_by TEXT REFERENCES user_account (id),
    ended_at INTEGER,
    end_reason TEXT,
    record_request TEXT, -- number of the request for the copy
    CHECK ((extended_at IS NULL) = (extended_to IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX subject_request_by_state ON subject_request (state, received_at, id);
CREATE INDEX subject_request_of_patient ON subject_request (patient_id, received_at);
CREATE TABLE consent_answer (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL, -- of the text
    text_sha256 TEXT NOT NULL,
    answer TEXT NOT NULL, -- agreed | refused | withdrawn | deferred
    given_by TEXT NOT NULL, -- patient | representative | both | nobody
    channel TEXT NOT NULL, -- desk | paper
    answered_at INTEGER NOT NULL,
    taken_by TEXT NOT NULL REFERENCES user_account (id),
    request_id TEXT REFERENCES subject_request (id),
    body TEXT NOT NULL, -- canonical JSON: text, answer, who, when
    sha256 TEXT NOT NULL,
    seal BLOB -- of the facility, over the body
) STRICT;
CREATE INDEX consent_answer_of_patient ON consent_answer (patient_id, answered_at, id);
ALTER TABLE record_request ADD COLUMN consent_id TEXT; -- the standing consent on which it was granted (consent_answer.id)
ALTER TABLE record_request ADD COLUMN patient_paper TEXT; -- or the patient's own written request
CREATE TRIGGER record_request_will_stays BEFORE UPDATE OF consent_id, patient_paper ON record_request
WHEN OLD.decided_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_request');
END;
CREATE TRIGGER subject_request_said_stays BEFORE UPDATE OF id, number, patient_id, kind, details, purpose, encounter_id, given_by, paper, received_by, received_at, answer_by, act_by ON subject_request
BEGIN
    SELECT RAISE(ABORT, 'append-only: subject_request');
END;
CREATE TRIGGER subject_request_extension_stays BEFORE UPDATE OF extended_to, extended_by, extended_at, extension ON subject_request
WHEN OLD.extended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: subject_request');
END;
CREATE TRIGGER subject_request_decision_stays BEFORE UPDATE OF decided_by, decided_at, decision ON subject_request
WHEN OLD.decided_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: subject_request');
END;
CREATE TRIGGER subject_request_end_stays BEFORE UPDATE ON subject_request
WHEN OLD.state IN ('refused', 'done', 'taken-back')
BEGIN
    SELECT RAISE(ABORT, 'append-only: subject_request');
END;
CREATE TRIGGER subject_request_no_delete BEFORE DELETE ON subject_request
BEGIN
    SELECT RAISE(ABORT, 'append-only: subject_request');
END;
CREATE TRIGGER consent_answer_no_update BEFORE UPDATE ON consent_answer
BEGIN
    SELECT RAISE(ABORT, 'append-only: consent_answer');
END;
CREATE TRIGGER consent_answer_no_delete BEFORE DELETE ON consent_answer
BEGIN
    SELECT RAISE(ABORT, 'append-only: consent_answer');
END;
