-- One more reason to keep an instance apart: its series is known in another study.
CREATE TABLE quarantine_next (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    why             TEXT    NOT NULL CHECK (why IN ('content-differs', 'patient-differs', 'series-differs', 'no-study')),
    sop_uid         TEXT    NOT NULL,
    study_uid       TEXT    NOT NULL,
    transfer_syntax TEXT    NOT NULL,
    sha256          TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    received_from   TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    repeats         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (sop_uid, sha256)
) STRICT;
INSERT INTO quarantine_next SELECT * FROM quarantine;
DROP TABLE quarantine;
ALTER TABLE quarantine_next RENAME TO quarantine;
