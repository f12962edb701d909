-- Certificates of departments (chứng thư số của khoa/phòng), and who may put the seal of one. What was said stays; it ends once.
ALTER TABLE certificate ADD COLUMN department_id TEXT REFERENCES department (id); -- none for a person's and the facility's own
CREATE INDEX certificate_of_department ON certificate (department_id, retired_at);
CREATE TABLE seal_keeper (
    id TEXT PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES department (id),
    user_id TEXT NOT NULL REFERENCES user_account (id),
    given_by TEXT NOT NULL REFERENCES user_account (id),
    given_at INTEGER NOT NULL,
    ended_by TEXT REFERENCES user_account (id),
    ended_at INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX seal_keeper_one ON seal_keeper (department_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX seal_keeper_of_user ON seal_keeper (user_id, ended_at);
CREATE TRIGGER seal_keeper_said_stays BEFORE UPDATE OF id, department_id, user_id, given_by, given_at ON seal_keeper
BEGIN
    SELECT RAISE(ABORT, 'append-only: seal_keeper');
END;
CREATE TRIGGER seal_keeper_end_stays BEFORE UPDATE ON seal_keeper
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: seal_keeper');
END;
CREATE TRIGGER seal_keeper_no_delete BEFORE DELETE ON seal_keeper
BEGIN
    SELECT RAISE(ABORT, 'append-only: seal_keeper');
END;
