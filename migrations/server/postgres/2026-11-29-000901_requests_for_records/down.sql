DROP TABLE record_use;
DROP TABLE record_request;
