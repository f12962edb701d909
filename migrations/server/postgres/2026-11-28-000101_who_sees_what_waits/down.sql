DROP INDEX inbox_by_reason;
DROP INDEX inbox_by_ward;
ALTER TABLE inbox DROP COLUMN ward_id;
