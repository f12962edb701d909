-- The second factor of a person. Secrets are sealed under the server's key, which is in no database and no dump of one.
CREATE TABLE second_factor (
    user_id TEXT PRIMARY KEY REFERENCES user_account (id),
    sealed BLOB, -- none: offered and not yet confirmed
    enrolled_at INTEGER,
    last_step INTEGER NOT NULL, -- no code of this half minute or an earlier one is taken any more
    failed INTEGER NOT NULL, -- wrong codes in a row
    shut_until INTEGER, -- so many of them that no code is looked at before
    offered BLOB, -- takes the place of `sealed` once a code of it was typed
    offered_at INTEGER,
    CHECK ((sealed IS NULL) = (enrolled_at IS NULL)),
    CHECK ((offered IS NULL) = (offered_at IS NULL))
) STRICT;
CREATE TABLE recovery_code (
    user_id TEXT NOT NULL REFERENCES second_factor (user_id),
    hash TEXT NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (user_id, hash)
) STRICT;
