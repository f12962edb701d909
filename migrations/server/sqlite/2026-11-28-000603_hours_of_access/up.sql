-- When people may use the program: a week of windows for a role, or for one account in its role's place. No row: always.
CREATE TABLE access_hours (
    subject_kind TEXT NOT NULL, -- role | user
    subject TEXT NOT NULL,
    hours TEXT NOT NULL, -- JSON
    set_by TEXT REFERENCES user_account (id), -- none: by the command line
    set_at INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject)
) STRICT;
