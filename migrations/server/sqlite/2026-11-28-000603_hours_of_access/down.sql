DROP TABLE access_hours;
