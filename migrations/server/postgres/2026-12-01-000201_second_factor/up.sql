-- The second factor of a person. Secrets are sealed under the server's key, which is in no database and no dump of one.
CREATE TABLE second_factor (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES user_account (id),
    sealed BYTEA, -- none: offered and not yet confirmed
    enrolled_at BIGINT,
    last_step BIGINT NOT NULL, -- no code of this half minute or an earlier one is taken any more
    failed BIGINT NOT NULL, -- wrong codes in a row
    shut_until BIGINT, -- so many of them that no code is looked at before
    offered BYTEA, -- takes the place of `sealed` once a code of it was typed
    offered_at BIGINT,
    CHECK ((sealed IS NULL) = (enrolled_at IS NULL)),
    CHECK ((offered IS NULL) = (offered_at IS NULL))
);
CREATE TABLE recovery_code (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES second_factor (user_id),
    hash TEXT COLLATE "C" NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, hash)
);
