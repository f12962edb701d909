DROP TABLE request_reader;
