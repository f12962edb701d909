DROP TABLE inbox;
DROP TABLE device;
