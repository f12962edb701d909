DROP INDEX result_waiting;
ALTER TABLE result DROP COLUMN waiting_version;
