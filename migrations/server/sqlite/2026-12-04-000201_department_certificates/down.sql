DROP TABLE seal_keeper;
DROP INDEX certificate_of_department;
ALTER TABLE certificate DROP COLUMN department_id;
