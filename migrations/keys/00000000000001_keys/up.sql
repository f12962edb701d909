-- A key for each record, wrapped under the master key in secrets/. A shredded one leaves its row, so that no other is made.
CREATE TABLE record_key (
    record TEXT PRIMARY KEY,
    wrapped BLOB, -- none: shredded
    made_at INTEGER NOT NULL,
    shredded_at INTEGER,
    CHECK ((wrapped IS NULL) = (shredded_at IS NOT NULL))
) STRICT;
CREATE TRIGGER record_key_stays BEFORE UPDATE ON record_key
WHEN OLD.wrapped IS NULL OR NEW.record <> OLD.record OR NEW.made_at <> OLD.made_at
    OR (NEW.wrapped IS NOT NULL AND NEW.wrapped <> OLD.wrapped)
BEGIN
    SELECT RAISE(ABORT, 'a key is only ever shredded');
END;
CREATE TRIGGER record_key_no_delete BEFORE DELETE ON record_key
BEGIN
    SELECT RAISE(ABORT, 'a key is only ever shredded');
END;
-- Sealed by the master key: another one is noticed before it is used.
CREATE TABLE master_check (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL
) STRICT;
-- Folders that hold a copy of this file beside their backups: what is shredded here is shredded there.
CREATE TABLE copy_target (
    folder TEXT PRIMARY KEY,
    copied_at INTEGER NOT NULL
) STRICT;
