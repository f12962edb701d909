-- Attacks on the systems and breaches of personal data, which the law wants reported in time. What became known is a version
-- a time, each report that was sent a row; nothing of either changes. No patient is named here.
CREATE TABLE security_incident (
    id TEXT PRIMARY KEY,
    discovered_at INTEGER NOT NULL,
    entered_by TEXT NOT NULL REFERENCES user_account (id),
    entered_at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_by TEXT REFERENCES user_account (id),
    closing TEXT, -- what it came to; why, where a report was not sent
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((closed_at IS NULL) = (closing IS NULL))
) STRICT;
CREATE INDEX security_incident_by_discovery ON security_incident (discovered_at, id);
CREATE INDEX security_incident_open ON security_incident (discovered_at) WHERE closed_at IS NULL;
CREATE TABLE security_incident_version (
    incident_id TEXT NOT NULL REFERENCES security_incident (id),
    version INTEGER NOT NULL,
    concerns TEXT NOT NULL, -- systems | personal-data | both
    severity TEXT NOT NULL, -- ordinary | serious | at-once
    what TEXT NOT NULL,
    affected INTEGER, -- people; none: not known yet
    categories TEXT NOT NULL, -- of data
    measures TEXT NOT NULL, -- what was done
    written_by TEXT NOT NULL REFERENCES user_account (id),
    written_at INTEGER NOT NULL,
    PRIMARY KEY (incident_id, version),
    CHECK (affected IS NULL OR affected >= 0)
) STRICT;
CREATE TABLE security_report (
    id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES security_incident (id),
    duty TEXT NOT NULL, -- first-notice | incident-report | breach-notice
    recipient TEXT NOT NULL,
    reference TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    noted_by TEXT NOT NULL REFERENCES user_account (id),
    noted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX security_report_of_incident ON security_report (incident_id, sent_at, id);
CREATE TRIGGER security_incident_said_stays BEFORE UPDATE OF id, discovered_at, entered_by, entered_at ON security_incident
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_incident');
END;
CREATE TRIGGER security_incident_end_stays BEFORE UPDATE ON security_incident
WHEN OLD.closed_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_incident');
END;
CREATE TRIGGER security_incident_no_delete BEFORE DELETE ON security_incident
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_incident');
END;
CREATE TRIGGER security_incident_version_no_update BEFORE UPDATE ON security_incident_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_incident_version');
END;
CREATE TRIGGER security_incident_version_no_delete BEFORE DELETE ON security_incident_version
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_incident_version');
END;
CREATE TRIGGER security_report_no_update BEFORE UPDATE ON security_report
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_report');
END;
CREATE TRIGGER security_report_no_delete BEFORE DELETE ON security_report
BEGIN
    SELECT RAISE(ABORT, 'append-only: security_report');
END;
