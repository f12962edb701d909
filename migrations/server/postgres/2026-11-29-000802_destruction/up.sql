-- Records whose term is over, listed for destruction by one person, agreed to by another, and what became of each.
CREATE TABLE destruction_list (
    id TEXT COLLATE "C" PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL, -- proposed | approved | begun | done | cancelled
    decision TEXT COLLATE "C" NOT NULL, -- of the head of the hospital: its number and date
    reason TEXT COLLATE "C" NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    proposed_at BIGINT NOT NULL,
    approved_by TEXT COLLATE "C" REFERENCES user_account (id),
    approved_at BIGINT,
    cancelled_by TEXT COLLATE "C" REFERENCES user_account (id),
    cancelled_at BIGINT,
    cancel_reason TEXT COLLATE "C",
    begun_by TEXT COLLATE "C" REFERENCES user_account (id),
    begun_at BIGINT,
    done_at BIGINT,
    minutes TEXT COLLATE "C", -- canonical JSON
    minutes_sha256 TEXT COLLATE "C",
    seal BYTEA, -- the hospital's CMS over it
    CHECK (approved_by IS NULL OR approved_by <> proposed_by),
    CHECK (state NOT IN ('approved', 'begun', 'done') OR approved_by IS NOT NULL)
);
CREATE INDEX destruction_list_by_state ON destruction_list (state, proposed_at, id);
CREATE TABLE destruction_item (
    list_id TEXT COLLATE "C" NOT NULL REFERENCES destruction_list (id),
    encounter_id TEXT COLLATE "C" NOT NULL REFERENCES encounter (id),
    state TEXT COLLATE "C" NOT NULL, -- listed | kept | destroying | destroyed
    note TEXT COLLATE "C" NOT NULL, -- why it was kept, or what it waits for
    erased TEXT COLLATE "C", -- JSON: how much of what there was
    settled_at BIGINT,
    PRIMARY KEY (list_id, encounter_id)
);
CREATE INDEX destruction_item_of_encounter ON destruction_item (encounter_id, state);
CREATE TRIGGER destruction_list_said_stays BEFORE UPDATE OF id, number, decision, reason, proposed_by, proposed_at ON destruction_list
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_list_end_stays BEFORE UPDATE ON destruction_list
    FOR EACH ROW WHEN (OLD.state IN ('done', 'cancelled'))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_list_no_delete BEFORE DELETE ON destruction_list
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_item_listed_stays BEFORE UPDATE OF list_id, encounter_id ON destruction_item
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_item_end_stays BEFORE UPDATE ON destruction_item
    FOR EACH ROW WHEN (OLD.state IN ('kept', 'destroyed'))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_item_no_delete BEFORE DELETE ON destruction_item
    FOR EACH ROW EXECUTE FUNCTION append_only();
-- From the archive a record goes one way.
DROP TRIGGER medical_record_archived_stays ON medical_record;
CREATE TRIGGER medical_record_archived_stays BEFORE UPDATE ON medical_record
    FOR EACH ROW WHEN (OLD.encounter_id <> NEW.encounter_id
    OR (OLD.state IN ('archived', 'destroying', 'destroyed') AND (
        NOT (NEW.state = OLD.state OR (OLD.state = 'archived' AND NEW.state = 'destroying')
            OR (OLD.state = 'destroying' AND NEW.state = 'destroyed'))
        OR NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.archived_at IS DISTINCT FROM OLD.archived_at
        OR NEW.archive_number IS DISTINCT FROM OLD.archive_number OR NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until)))
    EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_list_no_truncate BEFORE TRUNCATE ON destruction_list
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER destruction_item_no_truncate BEFORE TRUNCATE ON destruction_item
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- What a record that is being destroyed holds may go, and nothing else. The argument finds whose a row is.
CREATE FUNCTION append_only_until_destroyed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stay TEXT;
BEGIN
    EXECUTE TG_ARGV[0] INTO stay USING OLD;
    IF EXISTS (SELECT 1 FROM medical_record WHERE encounter_id = stay AND state = 'destroying') THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME;
END
$$;
DROP TRIGGER observation_set_version_append_only ON observation_set_version;
CREATE TRIGGER observation_set_version_no_update BEFORE UPDATE ON observation_set_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER observation_set_version_no_delete BEFORE DELETE ON observation_set_version
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT encounter_id FROM observation_set WHERE id = ($1).set_id');
DROP TRIGGER document_version_append_only ON document_version;
CREATE TRIGGER document_version_no_update BEFORE UPDATE ON document_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER document_version_no_delete BEFORE DELETE ON document_version
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT encounter_id FROM document WHERE id = ($1).document_id');
DROP TRIGGER result_version_append_only ON result_version;
CREATE TRIGGER result_version_no_update BEFORE UPDATE ON result_version
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER result_version_no_delete BEFORE DELETE ON result_version
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT encounter_id FROM result WHERE id = ($1).result_id');
DROP TRIGGER signed_sheet_no_delete ON signed_sheet;
CREATE TRIGGER signed_sheet_no_delete BEFORE DELETE ON signed_sheet
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT encounter_id FROM document WHERE id = ($1).document_id');
DROP TRIGGER signature_append_only ON signature;
CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER observation_set_no_delete ON observation_set;
CREATE TRIGGER observation_set_no_delete BEFORE DELETE ON observation_set
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER document_no_delete ON document;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER result_no_delete ON result;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER service_order_no_delete ON service_order;
CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER specimen_no_delete ON specimen;
CREATE TRIGGER specimen_no_delete BEFORE DELETE ON specimen
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER blob_append_only ON blob;
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT COALESCE(($1).encounter_id, (SELECT d.encounter_id FROM document d JOIN document_version v ON v.document_id = d.id WHERE v.pdf_sha256 = ($1).sha256 LIMIT 1), (SELECT d.encounter_id FROM signed_sheet s JOIN document d ON d.id = s.document_id WHERE s.pdf_sha256 = ($1).sha256 LIMIT 1))');
DROP TRIGGER record_event_no_update ON record_event;
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER inbox_bytes_stay ON inbox;
CREATE TRIGGER inbox_bytes_stay BEFORE UPDATE OF id, device_id, received_at, body, raw, raw_sha256 ON inbox
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
DROP TRIGGER inbox_facts_stays ON inbox;
CREATE TRIGGER inbox_facts_stays BEFORE UPDATE OF seq, kind, effective_at, specimen, key_id, recorded_at ON inbox
    FOR EACH ROW EXECUTE FUNCTION append_only_until_destroyed('SELECT ($1).encounter_id');
