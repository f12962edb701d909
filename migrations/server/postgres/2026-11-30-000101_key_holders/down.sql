ALTER TABLE certificate DROP COLUMN key_reference;
ALTER TABLE certificate DROP COLUMN key_holder;
