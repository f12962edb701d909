-- Security keys as a second factor. Tries at them are counted in their owner's row of `second_factor`, which each of them
-- needs; nothing here is secret, and nothing here lets anybody in by itself.
CREATE TABLE security_key (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES second_factor (user_id),
    host TEXT COLLATE "C" NOT NULL, -- the name of the server that it was made for: it answers nowhere else
    credential_id BYTEA NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key BYTEA NOT NULL, -- COSE
    counter BIGINT NOT NULL CHECK (counter >= 0), -- how often it has signed, by its own account; 0: it does not count
    transports TEXT COLLATE "C" NOT NULL, -- how a browser reaches it, words between commas
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX security_key_of_user ON security_key (user_id, created_at);
-- It is taken away whole; what it is never changes, and its counter only grows.
CREATE TRIGGER security_key_said_stays BEFORE UPDATE ON security_key
    FOR EACH ROW WHEN (OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id OR OLD.host <> NEW.host
        OR OLD.credential_id <> NEW.credential_id OR OLD.public_key <> NEW.public_key
        OR OLD.transports <> NEW.transports OR OLD.name <> NEW.name OR OLD.created_at <> NEW.created_at
        OR NEW.counter < OLD.counter)
    EXECUTE FUNCTION append_only();
