-- Outsiders who read a record on the screen, on a request that was granted. What was said stays; it ends once.
CREATE TABLE request_reader (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES record_request (id),
    user_id TEXT NOT NULL REFERENCES user_account (id),
    given_by TEXT NOT NULL REFERENCES user_account (id),
    given_at INTEGER NOT NULL,
    last_read_at INTEGER,
    ended_by TEXT REFERENCES user_account (id),
    ended_at INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX request_reader_one ON request_reader (request_id) WHERE ended_at IS NULL;
CREATE INDEX request_reader_of_request ON request_reader (request_id, given_at);
CREATE INDEX request_reader_of_user ON request_reader (user_id, ended_at);
CREATE TRIGGER request_reader_said_stays BEFORE UPDATE OF id, request_id, user_id, given_by, given_at ON request_reader
BEGIN
    SELECT RAISE(ABORT, 'append-only: request_reader');
END;
CREATE TRIGGER request_reader_end_stays BEFORE UPDATE ON request_reader
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: request_reader');
END;
CREATE TRIGGER request_reader_no_delete BEFORE DELETE ON request_reader
BEGIN
    SELECT RAISE(ABORT, 'append-only: request_reader');
END;
