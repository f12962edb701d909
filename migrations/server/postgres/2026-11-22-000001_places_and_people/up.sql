-- The house, its beds, and the people who work there.
CREATE TABLE facility (
    id TEXT COLLATE "C" PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    authority TEXT COLLATE "C" NOT NULL, -- the line above the hospital's name on every form: Sở Y tế …
    created_at BIGINT NOT NULL
);
CREATE TABLE department (
    id TEXT COLLATE "C" PRIMARY KEY,
    facility_id TEXT COLLATE "C" NOT NULL REFERENCES facility (id),
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    UNIQUE (facility_id, code)
);
CREATE TABLE ward (
    id TEXT COLLATE "C" PRIMARY KEY,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES department (id),
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL
);
CREATE TABLE bed (
    id TEXT COLLATE "C" PRIMARY KEY,
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id),
    label TEXT COLLATE "C" NOT NULL,
    room TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL, -- walking order of the round
    UNIQUE (ward_id, label)
);
CREATE TABLE user_account (
    id TEXT COLLATE "C" PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    pin_hash TEXT COLLATE "C",
    must_change_password BOOLEAN NOT NULL,
    failed_logins BIGINT NOT NULL,
    failed_pins BIGINT NOT NULL,
    locked_until BIGINT,
    pin_locked BOOLEAN NOT NULL, -- five wrong PINs: only a password login opens it again
    disabled_at BIGINT,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE TABLE user_ward (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id),
    position BIGINT NOT NULL,
    PRIMARY KEY (user_id, ward_id)
);
CREATE TABLE session (
    id TEXT COLLATE "C" PRIMARY KEY,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE, -- the cookie itself is never stored
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    csrf TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    locked_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX session_of_user ON session (user_id, revoked_at);
CREATE TABLE certificate (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" REFERENCES user_account (id), -- none for the facility's own
    purpose TEXT COLLATE "C" NOT NULL, -- person | facility
    subject TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    serial TEXT COLLATE "C" NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    der BYTEA NOT NULL,
    wrapped_key TEXT COLLATE "C", -- none when the key lives in a token or a remote service
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE INDEX certificate_of_user ON certificate (user_id, retired_at);
CREATE TABLE counter (
    name TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);
CREATE TABLE idempotency (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    response TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);
