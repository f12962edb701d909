DROP INDEX session_by_end;
DROP TABLE session_place;
ALTER TABLE session DROP COLUMN seen_from;
ALTER TABLE session DROP COLUMN opened_from;
