DROP TABLE observation;
DROP TABLE observation_set_version;
DROP TABLE observation_set;
