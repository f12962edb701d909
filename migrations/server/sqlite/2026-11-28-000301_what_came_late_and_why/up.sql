-- Times in which the record could not be written. Declared, ended, or annulled with a reason; what was declared stays.
CREATE TABLE it_incident (
    id TEXT PRIMARY KEY,
    ward_id TEXT REFERENCES ward (id), -- none: the whole hospital
    started_at INTEGER NOT NULL,
    system TEXT NOT NULL, -- what did not work
    reason TEXT NOT NULL,
    declared_by TEXT NOT NULL REFERENCES user_account (id),
    declared_at INTEGER NOT NULL,
    ended_at INTEGER, -- none: it goes on
    ended_by TEXT REFERENCES user_account (id),
    annulled_at INTEGER,
    annulled_by TEXT REFERENCES user_account (id),
    annul_reason TEXT
) STRICT;
CREATE INDEX it_incident_by_start ON it_incident (started_at, id);
-- Entries that came into the record more than twelve hours after the act. The row stays for ever; what extends its limit
-- may be declared later, or turn out not to.
CREATE TABLE late_entry (
    id TEXT PRIMARY KEY,
    entry_kind TEXT NOT NULL, -- vitals | note
    entry_id TEXT NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounter (id),
    ward_id TEXT NOT NULL REFERENCES ward (id), -- where the patient lay when it happened
    happened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES user_account (id),
    limit_hours INTEGER NOT NULL, -- as it held when the entry was recorded
    incident_id TEXT REFERENCES it_incident (id), -- what gives it 24 hours
    UNIQUE (entry_kind, entry_id)
) STRICT;
CREATE INDEX late_entry_of_ward ON late_entry (ward_id, recorded_at, id);
CREATE INDEX late_entry_by_time ON late_entry (recorded_at, id);
CREATE INDEX late_entry_by_act ON late_entry (happened_at);
CREATE INDEX late_entry_of_incident ON late_entry (incident_id);
CREATE TRIGGER it_incident_declared_stays BEFORE UPDATE OF id, ward_id, started_at, system, reason, declared_by, declared_at ON it_incident
BEGIN
    SELECT RAISE(ABORT, 'append-only: it_incident');
END;
CREATE TRIGGER it_incident_no_delete BEFORE DELETE ON it_incident
BEGIN
    SELECT RAISE(ABORT, 'append-only: it_incident');
END;
CREATE TRIGGER late_entry_stays BEFORE UPDATE OF id, entry_kind, entry_id, encounter_id, ward_id, happened_at, recorded_at, recorded_by, limit_hours ON late_entry
BEGIN
    SELECT RAISE(ABORT, 'append-only: late_entry');
END;
CREATE TRIGGER late_entry_no_delete BEFORE DELETE ON late_entry
BEGIN
    SELECT RAISE(ABORT, 'append-only: late_entry');
END;
