-- What a patient or their representative gave on one version of a sheet, before a witness: the witness's signature is
-- over the evidence, which is sealed with the key of its record.
CREATE TABLE patient_signature (
    id TEXT PRIMARY KEY,
    signature_id TEXT NOT NULL UNIQUE REFERENCES signature (id), -- of the witness
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    slot TEXT NOT NULL, -- of the form's signing policy
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    method TEXT NOT NULL, -- stroke | paper
    scan_sha256 TEXT REFERENCES blob (sha256), -- of the signed paper, where it was signed on paper
    signed_at INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL, -- the evidence: canonical JSON
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version),
    UNIQUE (document_id, version, slot)
) STRICT;
CREATE INDEX patient_signature_of_encounter ON patient_signature (encounter_id, id);
CREATE TRIGGER patient_signature_no_update BEFORE UPDATE ON patient_signature
BEGIN
    SELECT RAISE(ABORT, 'append-only: patient_signature');
END;
CREATE TRIGGER patient_signature_no_delete BEFORE DELETE ON patient_signature
WHEN NOT EXISTS (SELECT 1 FROM medical_record r WHERE r.state = 'destroying' AND r.encounter_id = OLD.encounter_id)
BEGIN
    SELECT RAISE(ABORT, 'append-only: patient_signature');
END;
