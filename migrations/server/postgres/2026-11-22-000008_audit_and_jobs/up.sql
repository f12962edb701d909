-- The trail, one hash chain per writer, and work that follows a commit.
CREATE TABLE audit (
    chain_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id TEXT COLLATE "C", -- none: the system itself
    act TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    patient_id TEXT COLLATE "C",
    encounter_id TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL, -- what is hashed, canonical JSON
    prev_hash TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (chain_id, seq)
);
CREATE INDEX audit_of_patient ON audit (patient_id, at);
CREATE INDEX audit_by_time ON audit (at);
CREATE TABLE audit_head (
    chain_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    signed_at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    cms BYTEA NOT NULL,
    PRIMARY KEY (chain_id, seq)
);
CREATE TABLE job (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- ready | dead
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT COLLATE "C" NOT NULL,
    dedupe_key TEXT COLLATE "C" UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX job_due ON job (state, run_at);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_head_append_only BEFORE UPDATE OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
