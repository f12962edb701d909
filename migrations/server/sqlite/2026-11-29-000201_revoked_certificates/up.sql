-- Certificates that were taken back before their end. Said once: what was revoked is never good again.
CREATE TABLE certificate_revocation (
    certificate_id TEXT PRIMARY KEY REFERENCES certificate (id),
    serial TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    revoked_by TEXT REFERENCES user_account (id), -- NULL: from the command line
    reason TEXT NOT NULL, -- lost | suspected | left | changed
    note TEXT NOT NULL
) STRICT;
CREATE INDEX certificate_revocation_by_time ON certificate_revocation (revoked_at, certificate_id);
CREATE TRIGGER certificate_revocation_no_update BEFORE UPDATE ON certificate_revocation
BEGIN
    SELECT RAISE(ABORT, 'append-only: certificate_revocation');
END;
CREATE TRIGGER certificate_revocation_no_delete BEFORE DELETE ON certificate_revocation
BEGIN
    SELECT RAISE(ABORT, 'append-only: certificate_revocation');
END;
