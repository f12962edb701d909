-- Notes and sheets by version, the bytes they were printed to, and who signed what.
CREATE TABLE document (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    form_code TEXT COLLATE "C" NOT NULL,
    form_version BIGINT NOT NULL, -- a record keeps the form it was opened with
    title TEXT COLLATE "C" NOT NULL,
    current_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX document_of_encounter ON document (encounter_id, form_code);
CREATE TABLE blob (
    sha256 TEXT COLLATE "C" PRIMARY KEY,
    media_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE document_version (
    document_id TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    version BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    effective_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    author_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    reason_code TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    pdf_sha256 TEXT COLLATE "C" REFERENCES blob (sha256),
    key_id BIGINT NOT NULL,
    PRIMARY KEY (document_id, version)
);
CREATE TABLE signature (
    id TEXT COLLATE "C" PRIMARY KEY,
    subject_kind TEXT COLLATE "C" NOT NULL, -- observation-set | document
    subject_id TEXT COLLATE "C" NOT NULL,
    subject_version BIGINT NOT NULL,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    signer_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    certificate_id TEXT COLLATE "C" NOT NULL REFERENCES certificate (id),
    signed_at BIGINT NOT NULL,
    format TEXT COLLATE "C" NOT NULL, -- cms | pades
    sha256 TEXT COLLATE "C" NOT NULL, -- of the bytes signed
    value BYTEA NOT NULL, -- CMS; for pades the SHA-256 name of the signed PDF
    evidence TEXT COLLATE "C" NOT NULL, -- certificates and CRLs as they stood, JSON
    UNIQUE (subject_kind, subject_id, subject_version, signer_id)
);
CREATE INDEX signature_of_encounter ON signature (encounter_id, subject_kind);
CREATE TRIGGER blob_append_only BEFORE UPDATE OR DELETE ON blob
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER blob_no_truncate BEFORE TRUNCATE ON blob
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER document_version_append_only BEFORE UPDATE OR DELETE ON document_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER document_version_no_truncate BEFORE TRUNCATE ON document_version
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON signature
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER signature_no_truncate BEFORE TRUNCATE ON signature
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
