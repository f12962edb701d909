-- What staff signed waits here until the head of the hospital, or whom they authorised, has confirmed it: a document lists
-- and signs what it confirms.
CREATE TABLE signature_confirmation (
    signature_id TEXT PRIMARY KEY REFERENCES signature (id),
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    signed_at INTEGER NOT NULL,
    document_id TEXT, -- that confirms it
    version INTEGER,
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version),
    CHECK ((document_id IS NULL) = (version IS NULL))
) STRICT;
CREATE INDEX signature_confirmation_waiting ON signature_confirmation (encounter_id, signed_at) WHERE document_id IS NULL;
CREATE INDEX signature_confirmation_of_encounter ON signature_confirmation (encounter_id, signature_id);
-- What was signed before in records that are still open or on their way to the archive.
INSERT INTO signature_confirmation (signature_id, encounter_id, signed_at)
SELECT s.id, s.encounter_id, s.signed_at FROM signature s
WHERE NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.encounter_id = s.encounter_id AND r.state NOT IN ('active', 'closed'));
-- The paper by which somebody may confirm: an appointment, or an authorisation with an end.
CREATE TABLE confirming_authority (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id),
    capacity TEXT NOT NULL, -- head | delegate
    decision TEXT NOT NULL, -- number and date
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    entered_by TEXT REFERENCES user_account (id), -- none: by a command on the machine
    entered_at INTEGER NOT NULL,
    withdrawn_by TEXT REFERENCES user_account (id),
    withdrawn_at INTEGER,
    withdrawal TEXT, -- why
    CHECK (capacity <> 'delegate' OR valid_until IS NOT NULL)
) STRICT;
CREATE INDEX confirming_authority_of_user ON confirming_authority (user_id, entered_at, id);
CREATE TRIGGER signature_confirmation_once BEFORE UPDATE ON signature_confirmation
WHEN OLD.document_id IS NOT NULL OR NEW.signature_id <> OLD.signature_id OR NEW.encounter_id <> OLD.encounter_id OR NEW.signed_at <> OLD.signed_at
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature_confirmation');
END;
CREATE TRIGGER signature_confirmation_no_delete BEFORE DELETE ON signature_confirmation
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = (SELECT OLD.encounter_id))
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature_confirmation');
END;
CREATE TRIGGER confirming_authority_said_stays BEFORE UPDATE OF id, user_id, capacity, decision, valid_from, valid_until, entered_by, entered_at ON confirming_authority
BEGIN
    SELECT RAISE(ABORT, 'append-only: confirming_authority');
END;
CREATE TRIGGER confirming_authority_end_stays BEFORE UPDATE ON confirming_authority
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: confirming_authority');
END;
CREATE TRIGGER confirming_authority_no_delete BEFORE DELETE ON confirming_authority
BEGIN
    SELECT RAISE(ABORT, 'append-only: confirming_authority');
END;
