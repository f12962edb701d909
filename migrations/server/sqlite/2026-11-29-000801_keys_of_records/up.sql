-- What a payload says is sealed with the key of its record (key_id 1); its plain columns are then empty. key_id 0 is plain,
-- from before.
ALTER TABLE observation_set_version ADD COLUMN sealed BLOB; -- body and reason
ALTER TABLE document_version ADD COLUMN sealed BLOB; -- body and reason
ALTER TABLE result_version ADD COLUMN sealed BLOB; -- what was measured, and the reason
ALTER TABLE blob ADD COLUMN encounter_id TEXT REFERENCES encounter (id); -- whose key sealed the bytes
ALTER TABLE signature ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0; -- hash and value together: a hash of few values tells them
ALTER TABLE record_event ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record_event ADD COLUMN sealed BLOB; -- the manifest
ALTER TABLE encounter ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE encounter ADD COLUMN sealed BLOB; -- diagnosis
CREATE INDEX blob_of_encounter ON blob (encounter_id);
-- Every value a second time, and nobody read it.
DROP TABLE observation;
-- Which key store belongs to this record.
CREATE TABLE key_store (
    id TEXT PRIMARY KEY
) STRICT;
