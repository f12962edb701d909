DROP TABLE security_report;
DROP TABLE security_incident_version;
DROP TABLE security_incident;
