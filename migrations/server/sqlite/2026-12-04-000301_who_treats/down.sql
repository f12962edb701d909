DROP TABLE ward_duty;
DROP TABLE treating_doctor;
