-- Everything signed as a leaf of one Merkle tree that only grows (RFC 6962). A leaf is a hash over the hashes of what was
-- signed and of the signature's own value, which nobody can guess: it tells nothing of what a record says.
CREATE TABLE archive_leaf (
    place BIGINT PRIMARY KEY, -- from 0
    kind TEXT COLLATE "C" NOT NULL, -- signature | manifest | stamp
    of_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    UNIQUE (kind, of_id)
);
-- Time stamps over the tree's root as it grew. Each is a leaf itself, so that the next one renews it.
CREATE TABLE archive_stamp (
    seq BIGINT PRIMARY KEY, -- from 1
    at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL, -- canonical JSON, with the root: what the token is over
    token BYTEA NOT NULL, -- RFC 3161
    evidence TEXT COLLATE "C" NOT NULL, -- what proved its authority good, JSON
    edge TEXT COLLATE "C" NOT NULL, -- of the tree, to go on from
    source TEXT COLLATE "C" NOT NULL, -- house | outside
    ends_at BIGINT NOT NULL -- until when it proves anything by itself
);
CREATE TRIGGER archive_leaf_no_update BEFORE UPDATE ON archive_leaf
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER archive_leaf_no_delete BEFORE DELETE ON archive_leaf
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER archive_leaf_no_truncate BEFORE TRUNCATE ON archive_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER archive_stamp_no_update BEFORE UPDATE ON archive_stamp
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER archive_stamp_no_delete BEFORE DELETE ON archive_stamp
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER archive_stamp_no_truncate BEFORE TRUNCATE ON archive_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
