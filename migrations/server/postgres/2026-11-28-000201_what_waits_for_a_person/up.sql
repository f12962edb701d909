-- What each gateway and bridge holds for a person, as it last said: nothing here that its next report would not say again.
CREATE TABLE attention_report (
    edge TEXT COLLATE "C" PRIMARY KEY, -- kind:name
    kind TEXT COLLATE "C" NOT NULL, -- gateway | pacs
    name TEXT COLLATE "C" NOT NULL,
    reported_at BIGINT NOT NULL,
    total BIGINT NOT NULL, -- also of what is beyond the items
    items TEXT COLLATE "C" NOT NULL -- JSON
);
-- What a person chose, until its program has reported it as done; who chose it stays in the audit trail.
CREATE TABLE attention_act (
    id TEXT COLLATE "C" PRIMARY KEY,
    edge TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    choice TEXT COLLATE "C" NOT NULL, -- again | seen
    asked_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    asked_at BIGINT NOT NULL,
    UNIQUE (edge, item_key)
);
