DROP TABLE late_entry;
DROP TABLE it_incident;
