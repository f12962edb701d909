-- Whom this hospital trusts to certify, since when and until when. What holds is what the last row of a certificate says.
CREATE TABLE trust_change (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    change TEXT COLLATE "C" NOT NULL, -- found (in trust/, trusted since before this table) | added | removed
    kind TEXT COLLATE "C" NOT NULL, -- anchor | issuing | time-stamps
    fingerprint TEXT COLLATE "C" NOT NULL, -- SHA-256 of the certificate
    subject TEXT COLLATE "C" NOT NULL,
    der BYTEA NOT NULL,
    by_id TEXT COLLATE "C" REFERENCES user_account (id), -- NULL: from the machine itself
    reason TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER trust_change_no_update BEFORE UPDATE ON trust_change
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER trust_change_no_delete BEFORE DELETE ON trust_change
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER trust_change_no_truncate BEFORE TRUNCATE ON trust_change
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
