DROP TABLE legal_hold;
DROP TABLE record_event;
DROP TABLE medical_record;
