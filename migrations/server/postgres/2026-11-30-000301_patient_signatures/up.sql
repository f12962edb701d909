-- What a patient or their representative gave on one version of a sheet, before a witness: the witness's signature is
-- over the evidence, which is sealed with the key of its record.
CREATE TABLE patient_signature (
    id TEXT COLLATE "C" PRIMARY KEY,
    signature_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES signature (id), -- of the witness
    document_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    slot TEXT COLLATE "C" NOT NULL, -- of the form's signing policy
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    method TEXT COLLATE "C" NOT NULL, -- stroke | paper
    scan_sha256 TEXT COLLATE "C" REFERENCES blob (sha256), -- of the signed paper, where it was signed on paper
    signed_at BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL, -- the evidence: canonical JSON
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version),
    UNIQUE (document_id, version, slot)
);
CREATE INDEX patient_signature_of_encounter ON patient_signature (encounter_id, id);
CREATE TRIGGER patient_signature_no_update BEFORE UPDATE ON patient_signature
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER patient_signature_no_delete BEFORE DELETE ON patient_signature
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER patient_signature_no_truncate BEFORE TRUNCATE ON patient_signature
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
