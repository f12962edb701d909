-- A message that was held or refused waits on a list until a person sends it again or has seen it.
ALTER TABLE receipt ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX receipt_open ON receipt (id) WHERE state IN ('held', 'dead') AND seen_at = 0;
