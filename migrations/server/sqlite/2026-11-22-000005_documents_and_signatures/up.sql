-- Notes and sheets by version, the bytes they were printed to, and who signed what.
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    form_code TEXT NOT NULL,
    form_version INTEGER NOT NULL, -- a record keeps the form it was opened with
    title TEXT NOT NULL,
    current_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX document_of_encounter ON document (encounter_id, form_code);
CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE document_version (
    document_id TEXT NOT NULL REFERENCES document (id),
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    author_id TEXT NOT NULL REFERENCES user_account (id),
    reason_code TEXT,
    reason TEXT,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    pdf_sha256 TEXT REFERENCES blob (sha256),
    key_id INTEGER NOT NULL,
    PRIMARY KEY (document_id, version)
) STRICT;
CREATE TABLE signature (
    id TEXT PRIMARY KEY,
    subject_kind TEXT NOT NULL, -- observation-set | document
    subject_id TEXT NOT NULL,
    subject_version INTEGER NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    signer_id TEXT NOT NULL REFERENCES user_account (id),
    certificate_id TEXT NOT NULL REFERENCES certificate (id),
    signed_at INTEGER NOT NULL,
    format TEXT NOT NULL, -- cms | pades
    sha256 TEXT NOT NULL, -- of the bytes signed
    value BLOB NOT NULL, -- CMS; for pades the SHA-256 name of the signed PDF
    evidence TEXT NOT NULL, -- certificates and CRLs as they stood, JSON
    UNIQUE (subject_kind, subject_id, subject_version, signer_id)
) STRICT;
CREATE INDEX signature_of_encounter ON signature (encounter_id, subject_kind);
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob
BEGIN
    SELECT RAISE(ABORT, 'append-only: blob');
END;
CREATE TRIGGER document_version_no_update BEFORE UPDATE ON document_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: document_version');
END;
CREATE TRIGGER document_version_no_delete BEFORE DELETE ON document_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: document_version');
END;
CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature');
END;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature
BEGIN
    SELECT RAISE(ABORT, 'append-only: signature');
END;
