-- What people whose data it is asked for (yêu cầu của chủ thể dữ liệu), with the clocks of the law; and what they agreed to
-- (sự đồng ý), for each purpose an answer a time. Nothing that was said changes.
CREATE TABLE subject_request (
    id TEXT COLLATE "C" PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    kind TEXT COLLATE "C" NOT NULL, -- view | correct | provide | withdraw-consent | limit | object | delete | protect
    state TEXT COLLATE "C" NOT NULL, -- received | accepted | refused | done | taken-back
    details TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C", -- whose consent is withdrawn
    encounter_id TEXT COLLATE "C" REFERENCES encounter (id), -- the record that it is about
    given_by TEXT COLLATE "C" NOT NULL, -- who asks and by which paper they were known: JSON
    paper TEXT COLLATE "C" NOT NULL, -- their written request: number and date
    received_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    received_at BIGINT NOT NULL,
    answer_by BIGINT NOT NULL,
    act_by BIGINT NOT NULL,
    extended_to BIGINT,
    extended_by TEXT COLLATE "C" REFERENCES user_account (id),
    extended_at BIGINT,
    extension TEXT COLLATE "C", -- why, as it was told to who asked
    decided_by TEXT COLLATE "C" REFERENCES user_account (id),
    decided_at BIGINT,
    decision TEXT COLLATE "C", -- the ground, or what will be done
    ended_by TEXT COLLATE "C" REFERENCES user_account (id),
    ended_at BIGINT,
    end_reason TEXT COLLATE "C",
    record_request TEXT COLLATE "C", -- number of the request for the copy
    CHECK ((extended_at IS NULL) = (extended_to IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX subject_request_by_state ON subject_request (state, received_at, id);
CREATE INDEX subject_request_of_patient ON subject_request (patient_id, received_at);
CREATE TABLE consent_answer (
    id TEXT COLLATE "C" PRIMARY KEY,
    patient_id TEXT COLLATE "C" NOT NULL REFERENCES patient (id),
    purpose TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, -- of the text
    text_sha256 TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL, -- agreed | refused | withdrawn | deferred
    given_by TEXT COLLATE "C" NOT NULL, -- patient | representative | both | nobody
    channel TEXT COLLATE "C" NOT NULL, -- desk | paper
    answered_at BIGINT NOT NULL,
    taken_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    request_id TEXT COLLATE "C" REFERENCES subject_request (id),
    body TEXT COLLATE "C" NOT NULL, -- canonical JSON: text, answer, who, when
    sha256 TEXT COLLATE "C" NOT NULL,
    seal BYTEA -- of the facility, over the body
);
CREATE INDEX consent_answer_of_patient ON consent_answer (patient_id, answered_at, id);
ALTER TABLE record_request ADD COLUMN consent_id TEXT COLLATE "C"; -- the standing consent on which it was granted (consent_answer.id)
ALTER TABLE record_request ADD COLUMN patient_paper TEXT COLLATE "C"; -- or the patient's own written request
CREATE TRIGGER record_request_will_stays BEFORE UPDATE OF consent_id, patient_paper ON record_request
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_said_stays BEFORE UPDATE OF id, number, patient_id, kind, details, purpose, encounter_id, given_by, paper, received_by, received_at, answer_by, act_by ON subject_request
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_extension_stays BEFORE UPDATE OF extended_to, extended_by, extended_at, extension ON subject_request
    FOR EACH ROW WHEN (OLD.extended_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_decision_stays BEFORE UPDATE OF decided_by, decided_at, decision ON subject_request
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_end_stays BEFORE UPDATE ON subject_request
    FOR EACH ROW WHEN (OLD.state IN ('refused', 'done', 'taken-back'))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_no_delete BEFORE DELETE ON subject_request
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER consent_answer_no_update BEFORE UPDATE ON consent_answer
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER consent_answer_no_delete BEFORE DELETE ON consent_answer
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER subject_request_no_truncate BEFORE TRUNCATE ON subject_request
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER consent_answer_no_truncate BEFORE TRUNCATE ON consent_answer
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
