-- Everything signed as a leaf of one Merkle tree that only grows (RFC 6962). A leaf is a hash over the hashes of what was
-- signed and of the signature's own value, which nobody can guess: it tells nothing of what a record says.
CREATE TABLE archive_leaf (
    place INTEGER PRIMARY KEY, -- from 0
    kind TEXT NOT NULL, -- signature | manifest | stamp
    of_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (kind, of_id)
) STRICT;
-- Time stamps over the tree's root as it grew. Each is a leaf itself, so that the next one renews it.
CREATE TABLE archive_stamp (
    seq INTEGER PRIMARY KEY, -- from 1
    at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body TEXT NOT NULL, -- canonical JSON, with the root: what the token is over
    token BLOB NOT NULL, -- RFC 3161
    evidence TEXT NOT NULL, -- what proved its authority good, JSON
    edge TEXT NOT NULL, -- of the tree, to go on from
    source TEXT NOT NULL, -- house | outside
    ends_at INTEGER NOT NULL -- until when it proves anything by itself
) STRICT;
CREATE TRIGGER archive_leaf_no_update BEFORE UPDATE ON archive_leaf
BEGIN
    SELECT RAISE(ABORT, 'append-only: archive_leaf');
END;
CREATE TRIGGER archive_leaf_no_delete BEFORE DELETE ON archive_leaf
BEGIN
    SELECT RAISE(ABORT, 'append-only: archive_leaf');
END;
CREATE TRIGGER archive_stamp_no_update BEFORE UPDATE ON archive_stamp
BEGIN
    SELECT RAISE(ABORT, 'append-only: archive_stamp');
END;
CREATE TRIGGER archive_stamp_no_delete BEFORE DELETE ON archive_stamp
BEGIN
    SELECT RAISE(ABORT, 'append-only: archive_stamp');
END;
