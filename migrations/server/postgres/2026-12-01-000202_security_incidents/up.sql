-- Attacks on the systems and breaches of personal data, which the law wants reported in time. What became known is a version
-- a time, each report that was sent a row; nothing of either changes. No patient is named here.
CREATE TABLE security_incident (
    id TEXT COLLATE "C" PRIMARY KEY,
    discovered_at BIGINT NOT NULL,
    entered_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    entered_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT COLLATE "C" REFERENCES user_account (id),
    closing TEXT COLLATE "C", -- what it came to; why, where a report was not sent
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((closed_at IS NULL) = (closing IS NULL))
);
CREATE INDEX security_incident_by_discovery ON security_incident (discovered_at, id);
CREATE INDEX security_incident_open ON security_incident (discovered_at) WHERE closed_at IS NULL;
CREATE TABLE security_incident_version (
    incident_id TEXT COLLATE "C" NOT NULL REFERENCES security_incident (id),
    version BIGINT NOT NULL,
    concerns TEXT COLLATE "C" NOT NULL, -- systems | personal-data | both
    severity TEXT COLLATE "C" NOT NULL, -- ordinary | serious | at-once
    what TEXT COLLATE "C" NOT NULL,
    affected BIGINT, -- people; none: not known yet
    categories TEXT COLLATE "C" NOT NULL, -- of data
    measures TEXT COLLATE "C" NOT NULL, -- what was done
    written_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    written_at BIGINT NOT NULL,
    PRIMARY KEY (incident_id, version),
    CHECK (affected IS NULL OR affected >= 0)
);
CREATE TABLE security_report (
    id TEXT COLLATE "C" PRIMARY KEY,
    incident_id TEXT COLLATE "C" NOT NULL REFERENCES security_incident (id),
    duty TEXT COLLATE "C" NOT NULL, -- first-notice | incident-report | breach-notice
    recipient TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    sent_at BIGINT NOT NULL,
    noted_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    noted_at BIGINT NOT NULL
);
CREATE INDEX security_report_of_incident ON security_report (incident_id, sent_at, id);
CREATE TRIGGER security_incident_said_stays BEFORE UPDATE OF id, discovered_at, entered_by, entered_at ON security_incident
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_end_stays BEFORE UPDATE ON security_incident
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_no_delete BEFORE DELETE ON security_incident
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_version_no_update BEFORE UPDATE ON security_incident_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_version_no_delete BEFORE DELETE ON security_incident_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_report_no_update BEFORE UPDATE ON security_report
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_report_no_delete BEFORE DELETE ON security_report
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_no_truncate BEFORE TRUNCATE ON security_incident
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER security_incident_version_no_truncate BEFORE TRUNCATE ON security_incident_version
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER security_report_no_truncate BEFORE TRUNCATE ON security_report
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
