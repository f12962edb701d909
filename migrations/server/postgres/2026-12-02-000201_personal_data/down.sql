DROP TRIGGER record_request_will_stays ON record_request;
ALTER TABLE record_request DROP COLUMN patient_paper;
ALTER TABLE record_request DROP COLUMN consent_id;
DROP TABLE consent_answer;
DROP TABLE subject_request;
