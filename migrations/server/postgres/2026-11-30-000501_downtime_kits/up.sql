-- Under which password a ward's downtime kit is locked: its own, or the one of the house.
CREATE TABLE kit_password (
    subject TEXT COLLATE "C" PRIMARY KEY, -- a ward's id | house
    sealed BYTEA NOT NULL, -- by a key that is kept outside of the database
    set_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    set_at BIGINT NOT NULL
);

-- A computer that fetches the kit of one ward. What it shows is kept as a hash; a token is taken back, never removed.
CREATE TABLE kit_token (
    id TEXT COLLATE "C" PRIMARY KEY,
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id),
    label TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    issued_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    issued_at BIGINT NOT NULL,
    revoked_by TEXT COLLATE "C" REFERENCES user_account (id),
    revoked_at BIGINT,
    fetched_at BIGINT, -- when it last asked
    fetched_kit_at BIGINT, -- when the kit was made that it has
    noted_at BIGINT -- when the trail last had a row about it
);
