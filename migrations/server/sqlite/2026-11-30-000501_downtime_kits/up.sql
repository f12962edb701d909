-- Under which password a ward's downtime kit is locked: its own, or the one of the house.
CREATE TABLE kit_password (
    subject TEXT PRIMARY KEY, -- a ward's id | house
    sealed BLOB NOT NULL, -- by a key that is kept outside of the database
    set_by TEXT NOT NULL REFERENCES user_account (id),
    set_at INTEGER NOT NULL
) STRICT;

-- A computer that fetches the kit of one ward. What it shows is kept as a hash; a token is taken back, never removed.
CREATE TABLE kit_token (
    id TEXT PRIMARY KEY,
    ward_id TEXT NOT NULL REFERENCES ward (id),
    label TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    issued_by TEXT NOT NULL REFERENCES user_account (id),
    issued_at INTEGER NOT NULL,
    revoked_by TEXT REFERENCES user_account (id),
    revoked_at INTEGER,
    fetched_at INTEGER, -- when it last asked
    fetched_kit_at INTEGER, -- when the kit was made that it has
    noted_at INTEGER -- when the trail last had a row about it
) STRICT;
