-- What the head of the hospital has decided about its electronic record: that it replaces paper, by which rules it is signed
-- and kept. What was entered stays; it is withdrawn once, with a reason.
CREATE TABLE house_decision (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL, -- paperless | signing-rules | record-rules
    decision TEXT COLLATE "C" NOT NULL, -- number and date
    valid_from BIGINT NOT NULL,
    entered_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    entered_at BIGINT NOT NULL,
    withdrawn_by TEXT COLLATE "C" REFERENCES user_account (id),
    withdrawn_at BIGINT,
    withdrawal TEXT COLLATE "C", -- why
    CHECK ((withdrawn_at IS NULL) = (withdrawal IS NULL))
);
CREATE INDEX house_decision_by_kind ON house_decision (kind, valid_from);
CREATE TRIGGER house_decision_said_stays BEFORE UPDATE OF id, kind, decision, valid_from, entered_by, entered_at ON house_decision
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER house_decision_end_stays BEFORE UPDATE ON house_decision
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER house_decision_no_delete BEFORE DELETE ON house_decision
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER house_decision_no_truncate BEFORE TRUNCATE ON house_decision
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
