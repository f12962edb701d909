DROP TABLE bed_assignment;
DROP TABLE encounter;
DROP TABLE patient_term;
DROP TABLE patient_identifier;
DROP TABLE patient_link;
DROP TABLE patient_version;
DROP TABLE patient;
