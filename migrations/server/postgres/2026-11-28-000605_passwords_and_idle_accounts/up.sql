-- How old a password is, which ones a person had, and since when an account that was shut is open again. An account from
-- before this has had its password at most since it was made.
ALTER TABLE user_account ADD COLUMN password_set_at BIGINT NOT NULL DEFAULT 0;
UPDATE user_account SET password_set_at = created_at;
ALTER TABLE user_account ADD COLUMN enabled_at BIGINT;
CREATE TABLE password_history (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    set_at BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, set_at)
);
