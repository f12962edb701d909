-- Times in which the record could not be written. Declared, ended, or annulled with a reason; what was declared stays.
CREATE TABLE it_incident (
    id TEXT COLLATE "C" PRIMARY KEY,
    ward_id TEXT COLLATE "C" REFERENCES ward (id), -- none: the whole hospital
    started_at BIGINT NOT NULL,
    system TEXT COLLATE "C" NOT NULL, -- what did not work
    reason TEXT COLLATE "C" NOT NULL,
    declared_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    declared_at BIGINT NOT NULL,
    ended_at BIGINT, -- none: it goes on
    ended_by TEXT COLLATE "C" REFERENCES user_account (id),
    annulled_at BIGINT,
    annulled_by TEXT COLLATE "C" REFERENCES user_account (id),
    annul_reason TEXT COLLATE "C"
);
CREATE INDEX it_incident_by_start ON it_incident (started_at, id);
-- Entries that came into the record more than twelve hours after the act. The row stays for ever; what extends its limit
-- may be declared later, or turn out not to.
CREATE TABLE late_entry (
    id TEXT COLLATE "C" PRIMARY KEY,
    entry_kind TEXT COLLATE "C" NOT NULL, -- vitals | note
    entry_id TEXT COLLATE "C" NOT NULL,
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    ward_id TEXT COLLATE "C" NOT NULL REFERENCES ward (id), -- where the patient lay when it happened
    happened_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    limit_hours BIGINT NOT NULL, -- as it held when the entry was recorded
    incident_id TEXT COLLATE "C" REFERENCES it_incident (id), -- what gives it 24 hours
    UNIQUE (entry_kind, entry_id)
);
CREATE INDEX late_entry_of_ward ON late_entry (ward_id, recorded_at, id);
CREATE INDEX late_entry_by_time ON late_entry (recorded_at, id);
CREATE INDEX late_entry_by_act ON late_entry (happened_at);
CREATE INDEX late_entry_of_incident ON late_entry (incident_id);
CREATE TRIGGER it_incident_declared_stays BEFORE UPDATE OF id, ward_id, started_at, system, reason, declared_by, declared_at ON it_incident
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER it_incident_no_delete BEFORE DELETE ON it_incident
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER it_incident_no_truncate BEFORE TRUNCATE ON it_incident
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER late_entry_stays BEFORE UPDATE OF id, entry_kind, entry_id, encounter_id, ward_id, happened_at, recorded_at, recorded_by, limit_hours ON late_entry
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER late_entry_no_delete BEFORE DELETE ON late_entry
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER late_entry_no_truncate BEFORE TRUNCATE ON late_entry
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
