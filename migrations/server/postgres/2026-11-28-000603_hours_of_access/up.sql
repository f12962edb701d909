-- When people may use the program: a week of windows for a role, or for one account in its role's place. No row: always.
CREATE TABLE access_hours (
    subject_kind TEXT COLLATE "C" NOT NULL, -- role | user
    subject TEXT COLLATE "C" NOT NULL,
    hours TEXT COLLATE "C" NOT NULL, -- JSON
    set_by TEXT COLLATE "C" REFERENCES user_account (id), -- none: by the command line
    set_at BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject)
);
