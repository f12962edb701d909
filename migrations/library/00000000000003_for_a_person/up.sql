-- When a person looked at what was kept apart or turned away.
ALTER TABLE quarantine ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX quarantine_open ON quarantine (id) WHERE seen_at = 0;
ALTER TABLE refusal ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
