-- The trail, one hash chain per writer, and work that follows a commit.
CREATE TABLE audit (
    chain_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_id TEXT, -- none: the system itself
    act TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    patient_id TEXT,
    encounter_id TEXT,
    body TEXT NOT NULL, -- what is hashed, canonical JSON
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain_id, seq)
) STRICT;
CREATE INDEX audit_of_patient ON audit (patient_id, at);
CREATE INDEX audit_by_time ON audit (at);
CREATE TABLE audit_head (
    chain_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    cms BLOB NOT NULL,
    PRIMARY KEY (chain_id, seq)
) STRICT;
CREATE TABLE job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL, -- ready | dead
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    dedupe_key TEXT UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX job_due ON job (state, run_at);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'append-only: audit');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'append-only: audit');
END;
CREATE TRIGGER audit_head_no_update BEFORE UPDATE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'append-only: audit_head');
END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'append-only: audit_head');
END;
