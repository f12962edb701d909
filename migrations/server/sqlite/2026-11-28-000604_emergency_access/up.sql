-- Charts that somebody opened outside their own wards in an emergency. Said once; what was found of it is said once too.
CREATE TABLE emergency_access (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id),
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    ward_id TEXT NOT NULL REFERENCES ward (id), -- where the patient lay
    why TEXT NOT NULL,
    reason TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    opened_from TEXT,
    verdict TEXT, -- justified | unjustified
    review_note TEXT,
    reviewed_by TEXT REFERENCES user_account (id),
    reviewed_at INTEGER
) STRICT;
CREATE INDEX emergency_access_of_user ON emergency_access (user_id, ends_at);
CREATE INDEX emergency_access_by_time ON emergency_access (opened_at, id);
CREATE INDEX emergency_access_unreviewed ON emergency_access (opened_at, id) WHERE reviewed_at IS NULL;
CREATE TRIGGER emergency_access_opened_stays BEFORE UPDATE OF id, user_id, encounter_id, ward_id, why, reason, opened_at, ends_at, opened_from ON emergency_access
BEGIN
    SELECT RAISE(ABORT, 'append-only: emergency_access');
END;
CREATE TRIGGER emergency_access_review_stays BEFORE UPDATE ON emergency_access
    WHEN OLD.reviewed_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: emergency_access');
END;
CREATE TRIGGER emergency_access_no_delete BEFORE DELETE ON emergency_access
BEGIN
    SELECT RAISE(ABORT, 'append-only: emergency_access');
END;
