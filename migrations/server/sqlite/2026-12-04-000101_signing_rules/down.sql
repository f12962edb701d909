ALTER TABLE signature DROP COLUMN rules_id;
