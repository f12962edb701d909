-- The house, its beds, and the people who work there.
CREATE TABLE facility (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    authority TEXT NOT NULL, -- the line above the hospital's name on every form: Sở Y tế …
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE department (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facility (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (facility_id, code)
) STRICT;
CREATE TABLE ward (
    id TEXT PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES department (id),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;
CREATE TABLE bed (
    id TEXT PRIMARY KEY,
    ward_id TEXT NOT NULL REFERENCES ward (id),
    label TEXT NOT NULL,
    room TEXT NOT NULL,
    position INTEGER NOT NULL, -- walking order of the round
    UNIQUE (ward_id, label)
) STRICT;
CREATE TABLE user_account (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    pin_hash TEXT,
    must_change_password INTEGER NOT NULL,
    failed_logins INTEGER NOT NULL,
    failed_pins INTEGER NOT NULL,
    locked_until INTEGER,
    pin_locked INTEGER NOT NULL, -- five wrong PINs: only a password login opens it again
    disabled_at INTEGER,
    last_login_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE user_ward (
    user_id TEXT NOT NULL REFERENCES user_account (id),
    ward_id TEXT NOT NULL REFERENCES ward (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (user_id, ward_id)
) STRICT;
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE, -- the cookie itself is never stored
    user_id TEXT NOT NULL REFERENCES user_account (id),
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    locked_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX session_of_user ON session (user_id, revoked_at);
CREATE TABLE certificate (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES user_account (id), -- none for the facility's own
    purpose TEXT NOT NULL, -- person | facility
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL,
    wrapped_key TEXT, -- none when the key lives in a token or a remote service
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;
CREATE INDEX certificate_of_user ON certificate (user_id, retired_at);
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
CREATE TABLE idempotency (
    user_id TEXT NOT NULL REFERENCES user_account (id),
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    response TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
) STRICT;
