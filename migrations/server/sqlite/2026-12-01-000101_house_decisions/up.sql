-- What the head of the hospital has decided about its electronic record: that it replaces paper, by which rules it is signed
-- and kept. What was entered stays; it is withdrawn once, with a reason.
CREATE TABLE house_decision (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL, -- paperless | signing-rules | record-rules
    decision TEXT NOT NULL, -- number and date
    valid_from INTEGER NOT NULL,
    entered_by TEXT NOT NULL REFERENCES user_account (id),
    entered_at INTEGER NOT NULL,
    withdrawn_by TEXT REFERENCES user_account (id),
    withdrawn_at INTEGER,
    withdrawal TEXT, -- why
    CHECK ((withdrawn_at IS NULL) = (withdrawal IS NULL))
) STRICT;
CREATE INDEX house_decision_by_kind ON house_decision (kind, valid_from);
CREATE TRIGGER house_decision_said_stays BEFORE UPDATE OF id, kind, decision, valid_from, entered_by, entered_at ON house_decision
BEGIN
    SELECT RAISE(ABORT, 'append-only: house_decision');
END;
CREATE TRIGGER house_decision_end_stays BEFORE UPDATE ON house_decision
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: house_decision');
END;
CREATE TRIGGER house_decision_no_delete BEFORE DELETE ON house_decision
BEGIN
    SELECT RAISE(ABORT, 'append-only: house_decision');
END;
