-- Who asked for a record, on what ground and for what, who decided, and what was given out each time.
CREATE TABLE record_request (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    state TEXT NOT NULL, -- received | granted | refused | withdrawn | done
    requester TEXT NOT NULL, -- as the law tells them apart
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    identity TEXT NOT NULL, -- the paper by which they were known
    paper TEXT NOT NULL, -- their written request: number and date
    ground TEXT NOT NULL, -- of law
    purpose TEXT NOT NULL,
    extent TEXT NOT NULL, -- summary | record
    copy INTEGER NOT NULL,
    received_by TEXT NOT NULL REFERENCES user_account (id),
    received_at INTEGER NOT NULL,
    answer_by INTEGER NOT NULL,
    provide_by INTEGER,
    decided_by TEXT REFERENCES user_account (id),
    decided_at INTEGER,
    decision TEXT, -- why, or under which conditions
    granted_extent TEXT,
    granted_copy INTEGER,
    granted_until INTEGER,
    ended_by TEXT REFERENCES user_account (id),
    ended_at INTEGER,
    end_reason TEXT,
    CHECK (decided_by IS NULL OR decided_by <> received_by),
    CHECK (state NOT IN ('granted', 'done') OR granted_until IS NOT NULL)
) STRICT;
CREATE INDEX record_request_by_state ON record_request (state, received_at, id);
CREATE INDEX record_request_of_encounter ON record_request (encounter_id, state);
CREATE TABLE record_use (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES record_request (id),
    kind TEXT NOT NULL, -- read | summary | copy
    by_id TEXT NOT NULL REFERENCES user_account (id),
    at INTEGER NOT NULL,
    note TEXT NOT NULL,
    sha256 TEXT -- of what left the house
) STRICT;
CREATE INDEX record_use_of_request ON record_use (request_id, at, id);
CREATE TRIGGER record_request_said_stays BEFORE UPDATE OF id, number, encounter_id, requester, name, organisation, identity, paper, ground, purpose, extent, copy, received_by, received_at, answer_by, provide_by ON record_request
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_request');
END;
CREATE TRIGGER record_request_decided_stays BEFORE UPDATE OF decided_by, decided_at, decision, granted_extent, granted_copy, granted_until ON record_request
WHEN OLD.decided_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_request');
END;
CREATE TRIGGER record_request_end_stays BEFORE UPDATE ON record_request
WHEN OLD.state IN ('refused', 'withdrawn', 'done')
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_request');
END;
CREATE TRIGGER record_request_no_delete BEFORE DELETE ON record_request
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_request');
END;
CREATE TRIGGER record_use_no_update BEFORE UPDATE ON record_use
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_use');
END;
CREATE TRIGGER record_use_no_delete BEFORE DELETE ON record_use
BEGIN
    SELECT RAISE(ABORT, 'append-only: record_use');
END;
