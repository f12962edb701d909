DROP INDEX receipt_open;
ALTER TABLE receipt DROP COLUMN seen_at;
