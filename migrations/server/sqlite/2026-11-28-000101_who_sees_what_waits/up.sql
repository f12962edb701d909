-- Whose ward a message from a monitor concerns: the named bed's, or the matched stay's. None: nobody can say.
ALTER TABLE inbox ADD COLUMN ward_id TEXT;
CREATE INDEX inbox_by_ward ON inbox (state, kind, ward_id, seq);
CREATE INDEX inbox_by_reason ON inbox (state, reason, seq);
