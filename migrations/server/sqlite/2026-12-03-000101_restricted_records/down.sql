DROP TABLE record_reader;
DROP TABLE record_restriction;
