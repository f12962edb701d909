-- Records that only assigned staff read, and who is assigned. What kind it is and why is sealed with the key of the record:
-- whoever has the database alone is not told.
CREATE TABLE record_restriction (
    id TEXT COLLATE "C" PRIMARY KEY,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL, -- kind, reason and, once it is lifted, why
    restricted_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    restricted_at BIGINT NOT NULL,
    lifted_by TEXT COLLATE "C" REFERENCES user_account (id),
    lifted_at BIGINT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE UNIQUE INDEX record_restriction_standing ON record_restriction (encounter_id) WHERE lifted_at IS NULL;
CREATE INDEX record_restriction_of_encounter ON record_restriction (encounter_id, restricted_at);
CREATE TABLE record_reader (
    id TEXT COLLATE "C" PRIMARY KEY,
    restriction_id TEXT COLLATE "C" NOT NULL REFERENCES record_restriction (id),
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    assigned_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    assigned_at BIGINT NOT NULL,
    dismissed_by TEXT COLLATE "C" REFERENCES user_account (id),
    dismissed_at BIGINT,
    CHECK ((dismissed_at IS NULL) = (dismissed_by IS NULL))
);
CREATE UNIQUE INDEX record_reader_once ON record_reader (restriction_id, user_id) WHERE dismissed_at IS NULL;
CREATE INDEX record_reader_of_user ON record_reader (user_id) WHERE dismissed_at IS NULL;
CREATE TRIGGER record_restriction_said_stays BEFORE UPDATE ON record_restriction
    FOR EACH ROW WHEN (OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR OLD.id <> NEW.id
        OR OLD.encounter_id <> NEW.encounter_id OR OLD.restricted_by <> NEW.restricted_by
        OR OLD.restricted_at <> NEW.restricted_at)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER record_restriction_no_delete BEFORE DELETE ON record_restriction
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER record_restriction_no_truncate BEFORE TRUNCATE ON record_restriction
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER record_reader_said_stays BEFORE UPDATE ON record_reader
    FOR EACH ROW WHEN (OLD.dismissed_at IS NOT NULL OR NEW.dismissed_at IS NULL OR OLD.id <> NEW.id
        OR OLD.restriction_id <> NEW.restriction_id OR OLD.encounter_id <> NEW.encounter_id
        OR OLD.user_id <> NEW.user_id OR OLD.assigned_by <> NEW.assigned_by OR OLD.assigned_at <> NEW.assigned_at)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER record_reader_no_delete BEFORE DELETE ON record_reader
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER record_reader_no_truncate BEFORE TRUNCATE ON record_reader
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
