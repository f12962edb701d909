-- Where on a filled form somebody signed, and the sheet as it was printed with that signature: one row a signature.
CREATE TABLE signed_sheet (
    signature_id TEXT COLLATE "C" PRIMARY KEY REFERENCES signature (id),
    document_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    slot TEXT COLLATE "C" NOT NULL, -- of the form's signing policy
    pdf_sha256 TEXT COLLATE "C" NOT NULL REFERENCES blob (sha256),
    signed_at BIGINT NOT NULL,
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version),
    UNIQUE (document_id, version, slot)
);
CREATE TRIGGER signed_sheet_no_update BEFORE UPDATE ON signed_sheet
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER signed_sheet_no_truncate BEFORE TRUNCATE ON signed_sheet
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- What a person has written and nobody has signed yet, over all stays.
CREATE INDEX document_version_of_author ON document_version (author_id, recorded_at);
