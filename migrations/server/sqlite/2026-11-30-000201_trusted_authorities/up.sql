-- Whom this hospital trusts to certify, since when and until when. What holds is what the last row of a certificate says.
CREATE TABLE trust_change (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    change TEXT NOT NULL, -- found (in trust/, trusted since before this table) | added | removed
    kind TEXT NOT NULL, -- anchor | issuing | time-stamps
    fingerprint TEXT NOT NULL, -- SHA-256 of the certificate
    subject TEXT NOT NULL,
    der BLOB NOT NULL,
    by_id TEXT REFERENCES user_account (id), -- NULL: from the machine itself
    reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER trust_change_no_update BEFORE UPDATE ON trust_change
BEGIN
    SELECT RAISE(ABORT, 'append-only: trust_change');
END;
CREATE TRIGGER trust_change_no_delete BEFORE DELETE ON trust_change
BEGIN
    SELECT RAISE(ABORT, 'append-only: trust_change');
END;
