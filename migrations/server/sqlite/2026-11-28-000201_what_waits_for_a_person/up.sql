-- What each gateway and bridge holds for a person, as it last said: nothing here that its next report would not say again.
CREATE TABLE attention_report (
    edge TEXT PRIMARY KEY, -- kind:name
    kind TEXT NOT NULL, -- gateway | pacs
    name TEXT NOT NULL,
    reported_at INTEGER NOT NULL,
    total INTEGER NOT NULL, -- also of what is beyond the items
    items TEXT NOT NULL -- JSON
) STRICT;
-- What a person chose, until its program has reported it as done; who chose it stays in the audit trail.
CREATE TABLE attention_act (
    id TEXT PRIMARY KEY,
    edge TEXT NOT NULL,
    item_key TEXT NOT NULL,
    choice TEXT NOT NULL, -- again | seen
    asked_by TEXT NOT NULL REFERENCES user_account (id),
    asked_at INTEGER NOT NULL,
    UNIQUE (edge, item_key)
) STRICT;
