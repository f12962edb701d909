-- A version that an analyzer sent after the release: it stands beside the released one until a technician releases it.
ALTER TABLE result ADD COLUMN waiting_version BIGINT;
CREATE INDEX result_waiting ON result (waiting_version) WHERE waiting_version IS NOT NULL;
