-- Charts that somebody opened outside their own wards in an emergency. Said once; what was found of it is said once too.
CREATE TABLE emergency_access (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id), -- where the patient lay
    why TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    opened_from TEXT COLLATE "C",
    verdict TEXT COLLATE "C", -- justified | unjustified
    review_note TEXT COLLATE "C",
    reviewed_by TEXT COLLATE "C" REFERENCES user_account (id),
    reviewed_at BIGINT
);
CREATE INDEX emergency_access_of_user ON emergency_access (user_id, ends_at);
CREATE INDEX emergency_access_by_time ON emergency_access (opened_at, id);
CREATE INDEX emergency_access_unreviewed ON emergency_access (opened_at, id) WHERE reviewed_at IS NULL;
CREATE TRIGGER emergency_access_opened_stays BEFORE UPDATE OF id, user_id, encounter_id, ward_id, why, reason, opened_at, ends_at, opened_from ON emergency_access
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER emergency_access_review_stays BEFORE UPDATE ON emergency_access
    FOR EACH ROW WHEN (OLD.reviewed_at IS NOT NULL) EXECUTE FUNCTION append_only();
CREATE TRIGGER emergency_access_no_delete BEFORE DELETE ON emergency_access
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER emergency_access_no_truncate BEFORE TRUNCATE ON emergency_access
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
