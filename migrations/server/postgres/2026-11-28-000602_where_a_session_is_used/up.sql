-- From where a session was opened and last used; none for one opened by the program itself.
ALTER TABLE session ADD COLUMN opened_from TEXT COLLATE "C";
ALTER TABLE session ADD COLUMN seen_from TEXT COLLATE "C";
-- Every use of a session from one address without a pause: two at the same time are two people with one account.
CREATE TABLE session_place (
    session_id TEXT COLLATE "C" NOT NULL REFERENCES session (id),
    address TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, address, first_at)
);
CREATE INDEX session_place_by_use ON session_place (last_at);
CREATE INDEX session_by_end ON session (expires_at);
