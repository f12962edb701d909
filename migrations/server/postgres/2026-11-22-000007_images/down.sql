DROP TABLE instance;
DROP TABLE series;
DROP TABLE study_delivery;
DROP TABLE study;
