-- Who asked for a record, on what ground and for what, who decided, and what was given out each time.
CREATE TABLE record_request (
    id TEXT COLLATE "C" PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    state TEXT COLLATE "C" NOT NULL, -- received | granted | refused | withdrawn | done
    requester TEXT COLLATE "C" NOT NULL, -- as the law tells them apart
    name TEXT COLLATE "C" NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    identity TEXT COLLATE "C" NOT NULL, -- the paper by which they were known
    paper TEXT COLLATE "C" NOT NULL, -- their written request: number and date
    ground TEXT COLLATE "C" NOT NULL, -- of law
    purpose TEXT COLLATE "C" NOT NULL,
    extent TEXT COLLATE "C" NOT NULL, -- summary | record
    copy BOOLEAN NOT NULL,
    received_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    received_at BIGINT NOT NULL,
    answer_by BIGINT NOT NULL,
    provide_by BIGINT,
    decided_by TEXT COLLATE "C" REFERENCES user_account (id),
    decided_at BIGINT,
    decision TEXT COLLATE "C", -- why, or under which conditions
    granted_extent TEXT COLLATE "C",
    granted_copy BOOLEAN,
    granted_until BIGINT,
    ended_by TEXT COLLATE "C" REFERENCES user_account (id),
    ended_at BIGINT,
    end_reason TEXT COLLATE "C",
    CHECK (decided_by IS NULL OR decided_by <> received_by),
    CHECK (state NOT IN ('granted', 'done') OR granted_until IS NOT NULL)
);
CREATE INDEX record_request_by_state ON record_request (state, received_at, id);
CREATE INDEX record_request_of_encounter ON record_request (encounter_id, state);
CREATE TABLE record_use (
    id TEXT COLLATE "C" PRIMARY KEY,
    request_id TEXT COLLATE "C" NOT NULL REFERENCES record_request (id),
    kind TEXT COLLATE "C" NOT NULL, -- read | summary | copy
    by_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    at BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" -- of what left the house
);
CREATE INDEX record_use_of_request ON record_use (request_id, at, id);
CREATE TRIGGER record_request_said_stays BEFORE UPDATE OF id, number, encounter_id, requester, name, organisation, identity, paper, ground, purpose, extent, copy, received_by, received_at, answer_by, provide_by ON record_request
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_request_decided_stays BEFORE UPDATE OF decided_by, decided_at, decision, granted_extent, granted_copy, granted_until ON record_request
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER record_request_end_stays BEFORE UPDATE ON record_request
    FOR EACH ROW WHEN (OLD.state IN ('refused', 'withdrawn', 'done'))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER record_request_no_delete BEFORE DELETE ON record_request
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_request_no_truncate BEFORE TRUNCATE ON record_request
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER record_use_no_update BEFORE UPDATE ON record_use
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_use_no_delete BEFORE DELETE ON record_use
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER record_use_no_truncate BEFORE TRUNCATE ON record_use
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
