-- Certificates that were taken back before their end. Said once: what was revoked is never good again.
CREATE TABLE certificate_revocation (
    certificate_id TEXT COLLATE "C" PRIMARY KEY REFERENCES certificate (id),
    serial TEXT COLLATE "C" NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT COLLATE "C" REFERENCES user_account (id), -- NULL: from the command line
    reason TEXT COLLATE "C" NOT NULL, -- lost | suspected | left | changed
    note TEXT COLLATE "C" NOT NULL
);
CREATE INDEX certificate_revocation_by_time ON certificate_revocation (revoked_at, certificate_id);
CREATE TRIGGER certificate_revocation_no_update BEFORE UPDATE ON certificate_revocation
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER certificate_revocation_no_delete BEFORE DELETE ON certificate_revocation
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER certificate_revocation_no_truncate BEFORE TRUNCATE ON certificate_revocation
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
