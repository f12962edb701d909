DROP TABLE patient_signature;
