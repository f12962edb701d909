DROP TABLE copy_target;
DROP TABLE master_check;
DROP TABLE record_key;
