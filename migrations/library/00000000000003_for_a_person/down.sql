ALTER TABLE refusal DROP COLUMN seen_at;
DROP INDEX quarantine_open;
ALTER TABLE quarantine DROP COLUMN seen_at;
