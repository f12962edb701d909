//! What was recorded cannot be changed or removed, not even by somebody with a database client.

use crate::house::{Hospital, House, admitted, count, hospital, permit, sql};
use crate::{images, laboratory};
use benhan_domain::access::{
    Actor, Admit, ChartVitals, DeclareIncident, HandInScans, MatchLab, NameDoctors, Place, RestrictRecord, Role,
    SetDuty, SignRecord, SortScans, WitnessPatient, WriteNote,
};
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::{DocumentId, EncounterId, InboxId, ObservationSetId};
use benhan_domain::it_incident::{Affected, Outage};
use benhan_domain::observation::Status;
use benhan_domain::paper_scan::{Found, ScanState, ScanStep};
use benhan_domain::patient_signature::{Method, PaperCode, ScanKind};
use benhan_domain::record::RecordState;
use benhan_domain::restriction::Sensitivity;
use benhan_domain::time::Instant;
use benhan_domain::treatment::{Hours, Part};
use benhan_domain::update_limit::EntryKind;
use benhan_store::certificates::{self, NewCertificate};
use benhan_store::documents::{self, NewDocument};
use benhan_store::entry_scans::{self, NewEntryScan};
use benhan_store::inbox::{self, NewMessage};
use benhan_store::incidents::{self, NewIncident};
use benhan_store::late_entries::{self, NewLateEntry};
use benhan_store::observations::{self, NewSet};
use benhan_store::paper_prints::{self, NewPrint};
use benhan_store::paper_scans::{self, NewScan};
use benhan_store::patient_signatures::{self, PatientSignature};
use benhan_store::signatures::{self, NewSignature, SubjectKind};
use benhan_store::signed_sheets::{self, SignedSheet};
use benhan_store::{
    Conn, Db, Engine, StoreError, Tx, audit, blobs, devices, encounters, restrictions, studies, treating_doctors,
    ward_duty,
};

stories! {
    the_record_refuses_update_and_delete,
    what_moves_moves_and_what_was_said_once_stays,
    a_messages_state_moves_and_its_bytes_stay,
}

/// Each with a column to change.
const KEPT: [(&str, &str); 40] = [
    ("patient_version", "body"),
    ("observation_set_version", "body"),
    ("document_version", "body"),
    ("signature", "value"),
    ("signed_sheet", "slot"),
    ("patient_signature", "sealed"),
    ("entry_scan", "sha256"),
    ("record_restriction", "encounter_id"),
    ("record_reader", "user_id"),
    ("treating_doctor", "user_id"),
    ("ward_duty", "ends_at"),
    ("paper_print", "code"),
    ("paper_scan", "code"),
    ("paper_scan_event", "reason"),
    ("blob", "bytes"),
    ("result_version", "value"),
    ("audit", "body"),
    ("audit_head", "body"),
    ("inbox", "raw"),
    ("inbox", "body"),
    // What belongs to whom, and what a device said of when and what.
    ("observation_set", "encounter_id"),
    ("document", "encounter_id"),
    ("result", "encounter_id"),
    ("inbox", "effective_at"),
    ("inbox", "specimen"),
    ("inbox", "kind"),
    // What was declared, and that an entry came late.
    ("it_incident", "started_at"),
    ("late_entry", "happened_at"),
    ("late_entry", "limit_hours"),
    // Who was admitted when, who lay where, what was ordered by whom, and what a modality sent.
    ("patient", "code"),
    ("encounter", "patient_id"),
    ("encounter", "admitted_at"),
    ("bed_assignment", "from_at"),
    ("specimen", "barcode"),
    ("service_order", "encounter_id"),
    ("service_order", "ordered_by"),
    ("study", "study_uid"),
    ("study", "sent_patient_id"),
    ("series", "study_id"),
    ("instance", "sha256"),
];

// Clauses: CV-III.1.2a, KCB-7.10, RET-x
async fn the_record_refuses_update_and_delete(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    one_of_each(&db, hospital, stay).await;
    let mut conn = house.client();
    if let Engine::Sqlite(_) = conn.db() {
        // As the store connects: REPLACE is a DELETE then, too.
        sql(&mut conn, "PRAGMA recursive_triggers = ON").expect("a pragma");
    }
    for (table, column) in KEPT {
        let rows = count(&mut conn, &format!("SELECT count(*) AS n FROM {table}"));
        assert!(rows > 0, "{table}: nothing to protect");
        refused(&mut conn, table, &format!("UPDATE {table} SET {column} = {column}"));
        refused(&mut conn, table, &format!("DELETE FROM {table}"));
        match conn.db() {
            Engine::Sqlite(_) => refused(&mut conn, table, &format!("REPLACE INTO {table} SELECT * FROM {table}")),
            Engine::Pg(_) => refused(&mut conn, table, &format!("TRUNCATE {table} CASCADE")),
        }
        assert_eq!(count(&mut conn, &format!("SELECT count(*) AS n FROM {table}")), rows);
    }
}

fn refused(conn: &mut Conn, table: &str, statement: &str) {
    let error = sql(conn, statement).expect_err(statement).to_string();
    // TRUNCATE … CASCADE may meet the guard of a table that hangs on this one first.
    assert!(error.contains("append-only: "), "{statement}: {error}");
    assert!(statement.starts_with("TRUNCATE") || error.contains(table), "{statement}: {error}");
}

// Clauses: KCB-7.10
async fn what_moves_moves_and_what_was_said_once_stays(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    one_of_each(&db, hospital.clone(), stay).await;
    let mut conn = house.client();
    sql(&mut conn, "UPDATE patient SET phone = '0900000001', version = 2").expect("demographics move");
    sql(&mut conn, "UPDATE encounter SET state = state, ward_id = ward_id").expect("a stay moves on");
    sql(&mut conn, "UPDATE service_order SET state = state").expect("an order moves on");
    sql(&mut conn, "UPDATE study SET accession = 'CD26000001' WHERE accession = ''").expect("what was empty is filled");
    refused(&mut conn, "study", "UPDATE study SET accession = 'CD26000002'");
    refused(&mut conn, "study", "UPDATE study SET sent_birth_date = ''");
    sql(&mut conn, "UPDATE bed_assignment SET to_at = from_at + 1").expect("a bed is left");
    sql(&mut conn, "UPDATE paper_scan SET state = 'waiting'").expect("a scan is brought back");
    refused(&mut conn, "paper_scan", "UPDATE paper_scan SET bytes = bytes");
    refused(&mut conn, "bed_assignment", "UPDATE bed_assignment SET to_at = NULL");
    sql(&mut conn, "UPDATE record_reader SET dismissed_at = 1, dismissed_by = assigned_by").expect("a reader leaves");
    refused(&mut conn, "record_reader", "UPDATE record_reader SET dismissed_at = NULL, dismissed_by = NULL");
    refused(&mut conn, "record_restriction", "UPDATE record_restriction SET sealed = sealed");
    let lift = "UPDATE record_restriction SET lifted_at = 1, lifted_by = restricted_by";
    sql(&mut conn, lift).expect("a restriction is lifted");
    refused(&mut conn, "record_restriction", lift);
    for (table, by) in [("treating_doctor", "named_by"), ("ward_duty", "set_by")] {
        let end = format!("UPDATE {table} SET ended_at = 1, ended_by = {by}");
        sql(&mut conn, &end).expect("it ends");
        refused(&mut conn, table, &end);
    }
}

async fn a_messages_state_moves_and_its_bytes_stay(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let id = db.write(message).await.expect("a message");
    let fate = inbox::Fate {
        state: inbox::State::Matched,
        reason: "",
        encounter: Some(stay),
        ward: Some(hospital.wards[0]),
        by: None,
    };
    let settled = db.write(move |tx| inbox::settle(tx, id, inbox::State::Pending, &fate));
    assert!(settled.await.expect("whose it is may be decided later"));
    let again = db.write(move |tx| inbox::settle(tx, id, inbox::State::Pending, &fate));
    assert!(!again.await.expect("an answer"), "and by one");
    let lab = permit::<MatchLab>(&hospital.technician, Place::Facility);
    let sight = inbox::Sight::of(None, Some(&lab));
    let kept =
        db.read(move |conn| Ok::<_, StoreError>((inbox::read(conn, &sight, id)?, inbox::raw(conn, &sight, id)?))).await;
    let (message, raw) = kept.expect("a message");
    assert_eq!(message.expect("it is there").state, inbox::State::Matched);
    assert_eq!(raw.expect("its bytes"), b"MSH|");
}

fn message(tx: &mut Tx<'_>) -> Result<InboxId, StoreError> {
    let device = devices::seen(tx, "astm|XN", "XN-1", "analyzer", "astm", None)?;
    let new = NewMessage {
        id: tx.fresh(),
        device: device.id,
        kind: "lab",
        received_at: 1,
        effective_at: None,
        specimen: None,
        body: "{}".into(),
        raw: b"MSH|".to_vec(),
        raw_sha256: "00".into(),
    };
    assert!(inbox::receive(tx, &new)?);
    assert!(!inbox::receive(tx, &new)?, "a delivery is stored once");
    Ok(new.id)
}

fn printed_and_scanned(
    tx: &mut Tx<'_>,
    hospital: &Hospital,
    (stay, document): (EncounterId, DocumentId),
) -> Result<(), StoreError> {
    let place = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
    let (may_witness, by) = (permit::<WitnessPatient>(&hospital.nurse, place), hospital.nurse.user);
    let code = PaperCode::of(&[1; 32]);
    let print = NewPrint { code, document, version: 1, slot: "patient", encounter: stay, pages: 1 };
    paper_prints::note(tx, &may_witness, by, &print)?;
    let found = Found::One { code, pages: vec![1] };
    let new = NewScan {
        sha256: "00",
        kind: ScanKind::Jpeg,
        bytes: b"\xff\xd8\xff",
        pictures: 1,
        found: &found,
        ward: None,
        by,
    };
    let scan = paper_scans::hand_in(tx, &permit::<HandInScans>(&hospital.nurse, Place::Facility), &new)?;
    let step = (ScanStep::SetAside, ScanState::Waiting, ScanState::Aside);
    let may_sort = permit::<SortScans>(&hospital.nurse, Place::Facility);
    assert!(paper_scans::sort(tx, &may_sort, scan, step, (by, "Giấy nháp"))?);
    assert!(!paper_scans::sort(tx, &may_sort, scan, step, (by, "Giấy nháp"))?, "once");
    Ok(())
}

/// A row in every protected table, made as the use cases make them.
async fn one_of_each(db: &Db, hospital: Hospital, stay: EncounterId) {
    laboratory::one_result(db, &hospital, stay).await;
    let study = images::told("1.1", "1.1.1", &["1.1.1.1"]);
    db.write(move |tx| {
        message(tx)?;
        studies::receive(tx, &study)?;
        let admit = permit::<Admit>(&hospital.doctor, Place::Ward(hospital.wards[0]));
        let since = tx.now();
        assert!(encounters::move_to(tx, &admit, stay, hospital.beds[0], 1, since)?);
        let place = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
        let set: ObservationSetId = tx.fresh();
        let first = observations::NewVersion {
            status: Status::Final,
            effective_at: tx.now().0,
            author: Some(hospital.nurse.user),
            reason_code: None,
            reason: None,
            body: "{}".into(),
        };
        let head = NewSet { set, encounter: stay, device: None, inbox: None, slot_key: None };
        observations::open(tx, &permit::<ChartVitals>(&hospital.nurse, place), &head, &first)?;
        let pdf = blobs::keep(tx, stay, "application/pdf", b"%PDF")?;
        let document: DocumentId = tx.fresh();
        let head = NewDocument {
            document,
            encounter: stay,
            form_code: "phieu-cham-soc".into(),
            form_version: 1,
            title: "Phiếu chăm sóc".into(),
        };
        let first = documents::NewVersion {
            status: "final".into(),
            effective_at: tx.now().0,
            author: hospital.nurse.user,
            reason_code: None,
            reason: None,
            body: "{}".into(),
            pdf_sha256: Some(pdf),
        };
        documents::open(tx, &permit::<WriteNote>(&hospital.nurse, place), &head, &first)?;
        let certificate = NewCertificate {
            user: Some(hospital.nurse.user),
            department: None,
            subject: "CN=dd".into(),
            issuer: "CN=CA".into(),
            serial: "1".into(),
            not_before: 0,
            not_after: i64::MAX,
            der: vec![0],
            wrapped_key: None,
            key: KeyPlace::Software,
        };
        let signature = NewSignature {
            kind: SubjectKind::Document,
            subject_id: document.to_string(),
            subject_version: 1,
            encounter: stay,
            signer: hospital.nurse.user,
            certificate: certificates::add(tx, certificate)?,
            format: "cms",
            sha256: "00".into(),
            value: vec![1],
            evidence: "{}".into(),
            rules: None,
        };
        let may_sign = permit::<SignRecord>(&hospital.nurse, place);
        let signed = signatures::add(tx, &may_sign, &signature)?;
        let pdf_sha256 = blobs::keep(tx, stay, "application/pdf", b"%PDF signed")?;
        let sheet = SignedSheet { signature: signed, document, version: 1, slot: "author".into(), pdf_sha256 };
        signed_sheets::keep(tx, &may_sign, stay, &sheet)?;
        let by_patient = PatientSignature {
            id: tx.fresh(),
            signature: signed,
            document,
            version: 1,
            slot: "patient".into(),
            method: Method::Stroke,
            scan_sha256: None,
            signed_at: 0,
            evidence: "{}".into(),
        };
        patient_signatures::keep(tx, &permit::<WitnessPatient>(&hospital.nurse, place), stay, &by_patient)?;
        printed_and_scanned(tx, &hospital, (stay, document))?;
        let outage =
            Outage { id: tx.fresh(), affected: Affected::Ward(hospital.wards[0]), started: Instant(1), ended: None };
        let (system, reason, by) = ("Mạng".into(), "Đứt cáp".into(), hospital.nurse.user);
        let head_nurse = Actor { role: Role::HeadNurse, ..hospital.nurse.clone() };
        let may = permit::<DeclareIncident>(&head_nurse, Place::Ward(hospital.wards[0]));
        incidents::declare(tx, &may, NewIncident { outage, system, reason, by })?;
        let late = NewLateEntry {
            kind: EntryKind::Note,
            entry: document.to_string(),
            encounter: stay,
            ward: hospital.wards[0],
            happened: Instant(1),
            by,
            limit_hours: 12,
            incident: None,
        };
        late_entries::keep(tx, &permit::<WriteNote>(&hospital.nurse, place), &late)?;
        assert_eq!(late_entries::cover(tx, &may, &outage)?, 1, "what lifts it may still be said");
        let paper = blobs::keep(tx, stay, "image/jpeg", b"\xff\xd8\xff")?;
        let entry = document.to_string();
        let scan = NewEntryScan {
            kind: EntryKind::Note,
            entry: &entry,
            encounter: stay,
            sha256: &paper,
            media_type: "image/jpeg",
            size: 3,
            by,
        };
        entry_scans::keep(tx, &permit::<WriteNote>(&hospital.nurse, place), &scan)?;
        let may_restrict = permit::<RestrictRecord>(&hospital.doctor, place);
        let restriction = restrictions::restrict(tx, &may_restrict, Sensitivity::Hiv, "Người bệnh đề nghị")?;
        restrictions::assign(tx, &may_restrict, restriction, by)?;
        let may_name = permit::<NameDoctors>(&hospital.nurse, place);
        treating_doctors::name(tx, &may_name, hospital.doctor.user, Part::Consult)?;
        let night = Hours::new(Instant(1), Instant(2), Instant(0)).expect("a night");
        ward_duty::set(
            tx,
            &permit::<SetDuty>(&head_nurse, Place::Ward(hospital.wards[0])),
            hospital.doctor.user,
            night,
        )?;
        let head = audit::heads(tx.conn(), 1)?.pop().expect("a chain");
        audit::keep_head(tx, &head, "{}", &[1], None)
    })
    .await
    .expect("one of each");
}
