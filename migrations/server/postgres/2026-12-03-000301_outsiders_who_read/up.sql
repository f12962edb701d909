-- Outsiders who read a record on the screen, on a request that was granted. What was said stays; it ends once.
CREATE TABLE request_reader (
    id TEXT COLLATE "C" PRIMARY KEY,
    request_id TEXT COLLATE "C" NOT NULL REFERENCES record_request (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    given_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    given_at BIGINT NOT NULL,
    last_read_at BIGINT,
    ended_by TEXT COLLATE "C" REFERENCES user_account (id),
    ended_at BIGINT,
    end_reason TEXT COLLATE "C",
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX request_reader_one ON request_reader (request_id) WHERE ended_at IS NULL;
CREATE INDEX request_reader_of_request ON request_reader (request_id, given_at);
CREATE INDEX request_reader_of_user ON request_reader (user_id, ended_at);
CREATE TRIGGER request_reader_said_stays BEFORE UPDATE OF id, request_id, user_id, given_by, given_at ON request_reader
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER request_reader_end_stays BEFORE UPDATE ON request_reader
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION append_only();
CREATE TRIGGER request_reader_no_delete BEFORE DELETE ON request_reader
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER request_reader_no_truncate BEFORE TRUNCATE ON request_reader
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
