-- From where a session was opened and last used; none for one opened by the program itself.
ALTER TABLE session ADD COLUMN opened_from TEXT;
ALTER TABLE session ADD COLUMN seen_from TEXT;
-- Every use of a session from one address without a pause: two at the same time are two people with one account.
CREATE TABLE session_place (
    session_id TEXT NOT NULL REFERENCES session (id),
    address TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES user_account (id),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, address, first_at)
) STRICT;
CREATE INDEX session_place_by_use ON session_place (last_at);
CREATE INDEX session_by_end ON session (expires_at);
