-- Where on a filled form somebody signed, and the sheet as it was printed with that signature: one row a signature.
CREATE TABLE signed_sheet (
    signature_id TEXT PRIMARY KEY REFERENCES signature (id),
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    slot TEXT NOT NULL, -- of the form's signing policy
    pdf_sha256 TEXT NOT NULL REFERENCES blob (sha256),
    signed_at INTEGER NOT NULL,
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version),
    UNIQUE (document_id, version, slot)
) STRICT;
CREATE TRIGGER signed_sheet_no_update BEFORE UPDATE ON signed_sheet
BEGIN
    SELECT RAISE(ABORT, 'append-only: signed_sheet');
END;
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
BEGIN
    SELECT RAISE(ABORT, 'append-only: signed_sheet');
END;
-- What a person has written and nobody has signed yet, over all stays.
CREATE INDEX document_version_of_author ON document_version (author_id, recorded_at);
