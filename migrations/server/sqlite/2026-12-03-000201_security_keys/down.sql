DROP TABLE security_key;
