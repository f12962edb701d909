//! Who may do what, and who may not.

use super::*;
use uuid::Uuid;

fn nurse(ward: WardId) -> Actor {
    Actor {
        user: UserId(Uuid::from_u128(1)),
        role: Role::Nurse,
        wards: vec![ward],
        treats: vec![],
        doctors: DoctorsReach::WholeHouse,
        emergencies: vec![],
        assigned: vec![],
        granted: vec![],
    }
}

fn at(encounter: EncounterId, ward: WardId) -> Place {
    Place::Encounter { encounter, ward, record: RecordState::Active }
}

fn own_entry(encounter: EncounterId) -> Place {
    Place::OwnEntry { encounter, record: RecordState::Active }
}

// Clauses: C46-2
#[test]
fn a_closed_record_is_read_and_supplemented_but_not_written() {
    let (ward, encounter) = (WardId(Uuid::from_u128(7)), EncounterId(Uuid::from_u128(9)));
    let technician = Actor { role: Role::LabTechnician, ..nurse(ward) };
    for record in [RecordState::Closed, RecordState::Archived] {
        let place = Place::Encounter { encounter, ward, record };
        let no = record.takes_entries().expect_err("shut");
        assert_eq!(decide::<ChartVitals>(&nurse(ward), place).err(), Some(Denied::Record(no)));
        let own = Place::OwnEntry { encounter, record };
        assert_eq!(decide::<SignRecord>(&nurse(ward), own).err(), Some(Denied::Record(no)));
        assert!(system_writes::<ChartVitals>(encounter, record).is_err());
        assert!(decide::<ViewChart>(&nurse(ward), place).is_ok());
        assert!(decide::<ReleaseResult>(&technician, place).is_ok());
        let denied = decide::<PlaceOrder>(&nurse(ward), place).err();
        assert_eq!(denied, Some(Denied::NotPermitted("PlaceOrder")), "who may not is told that first");
    }
}

// Clauses: C46-8.2a, C46-10.2a, CV-III.1.1c
#[test]
fn a_nurse_charts_on_her_own_ward_only() {
    let (mine, other) = (WardId(Uuid::from_u128(7)), WardId(Uuid::from_u128(8)));
    let encounter = EncounterId(Uuid::from_u128(9));
    assert!(decide::<ChartVitals>(&nurse(mine), at(encounter, mine)).is_ok());
    assert!(decide::<ChartVitals>(&nurse(mine), at(encounter, other)).is_err());
    assert!(decide::<ManageUsers>(&nurse(mine), Place::Facility).is_err());
}

// Clauses: KCB-62.2
#[test]
fn what_a_nurse_wrote_stays_hers_when_the_patient_moves() {
    let (mine, other) = (WardId(Uuid::from_u128(7)), WardId(Uuid::from_u128(8)));
    let encounter = EncounterId(Uuid::from_u128(9));
    assert!(decide::<SignRecord>(&nurse(mine), at(encounter, other)).is_err());
    let own = decide::<SignRecord>(&nurse(mine), own_entry(encounter)).expect("her own entry");
    assert_eq!(own.scope(), &Scope::Encounter(encounter), "and nothing but that stay");
    assert!(decide::<PlaceOrder>(&nurse(mine), own_entry(encounter)).is_err(), "no right she never had");
    let administrator = Actor { role: Role::Administrator, ..nurse(mine) };
    assert!(decide::<ViewChart>(&administrator, own_entry(encounter)).is_err());
}

// Clauses: PDP-BG
#[test]
fn an_emergency_opens_one_chart_to_read_and_nothing_else() {
    let (mine, other) = (WardId(Uuid::from_u128(7)), WardId(Uuid::from_u128(8)));
    let (hers, his) = (EncounterId(Uuid::from_u128(9)), EncounterId(Uuid::from_u128(10)));
    let nurse = Actor { emergencies: vec![hers], ..nurse(mine) };
    let there = |encounter| at(encounter, other);
    let seen = decide::<ViewChart>(&nurse, there(hers)).expect("opened in an emergency");
    assert_eq!(seen.scope(), &Scope::Encounter(hers));
    assert!(decide::<ViewChart>(&nurse, there(his)).is_err(), "no other chart");
    assert!(decide::<ViewWard>(&nurse, Place::Ward(other)).is_err(), "nor its ward");
    assert!(decide::<ChartVitals>(&nurse, there(hers)).is_err(), "nor does she write there");
    assert!(decide::<WriteNote>(&nurse, there(hers)).is_err());
    let administrator = Actor { role: Role::Administrator, ..nurse };
    assert!(decide::<ViewChart>(&administrator, there(hers)).is_err());
}

// Clauses: CV-III.1.1c
#[test]
fn vitals_and_notes_have_a_right_for_each_verb() {
    for about in [Subject::Vitals, Subject::Note] {
        for verb in Verb::ALL.into_iter().filter(|v| *v != Verb::View) {
            let rights = policy().into_iter().filter(|r| r.about == about && r.verbs == [verb]).count();
            assert_eq!(rights, 1, "{about:?} {verb:?}");
        }
    }
}

#[test]
fn a_permit_for_one_chart_is_no_permit_for_another() {
    let ward = WardId(Uuid::from_u128(7));
    let (hers, his) = (EncounterId(Uuid::from_u128(9)), EncounterId(Uuid::from_u128(10)));
    let permit = decide::<ViewChart>(&nurse(ward), at(hers, ward)).expect("own ward");
    assert!(permit.covers(hers, ward));
    assert!(!permit.covers(his, ward));
}

// Clauses: C46-10.1, PDP-1, SEC-1
#[test]
fn an_administrator_sees_no_patient() {
    for right in policy() {
        let at = Role::ALL.iter().position(|r| *r == Role::Administrator).expect("listed");
        let reach = right.reach.get(at).expect("one right per role");
        let of_the_house = matches!(
            right.action,
            "ManageUsers"
                | "ViewDevices"
                | "ViewAudit"
                | "ViewAttention"
                | "DecideAttention"
                | "ViewIncidents"
                | "DeclareIncident"
                | "ManageKits"
                | "ViewDuty"
                | "SetDuty"
                | "EnterDecision"
                | "KeepDepartmentCertificates"
                | "ViewDepartmentSeals"
                | "ViewDecisions"
                | "ViewAuthorities"
                | "ViewSecurityIncidents"
                | "KeepSecurityIncidents"
                | "ViewPolicy"
                | "ViewEmergencies"
        );
        assert_eq!(*reach == Reach::Nowhere, !of_the_house, "{}", right.action);
    }
}

fn restricted(encounter: EncounterId, ward: WardId) -> Place {
    Place::Restricted { encounter, ward, record: RecordState::Active }
}

// Clauses: PDP-HIV
#[test]
fn a_restricted_record_is_read_by_who_is_assigned() {
    let (mine, other) = (WardId(Uuid::from_u128(7)), WardId(Uuid::from_u128(8)));
    let encounter = EncounterId(Uuid::from_u128(9));
    let there = restricted(encounter, mine);
    assert_eq!(decide::<ViewChart>(&nurse(mine), there).err(), Some(Denied::Restricted("ViewChart")));
    assert_eq!(
        decide::<ViewChart>(&nurse(other), there).err(),
        Some(Denied::NotPermitted("ViewChart")),
        "who would not read it anyway is not told"
    );
    for role in [Role::Doctor, Role::RecordRoom, Role::Director, Role::Auditor] {
        let colleague = Actor { role, ..nurse(mine) };
        assert_eq!(decide::<ViewChart>(&colleague, there).err(), Some(Denied::Restricted("ViewChart")), "{role:?}");
    }
    let assigned = Actor { assigned: vec![encounter], ..nurse(other) };
    let seen = decide::<ViewChart>(&assigned, there).expect("assigned, wherever she works");
    assert_eq!(seen.scope(), &Scope::Encounter(encounter));
    assert!(decide::<ChartVitals>(&assigned, there).is_err(), "and writes on her own wards only");
    let doctor = Actor { role: Role::Doctor, ..assigned.clone() };
    assert!(decide::<PlaceOrder>(&doctor, there).is_ok());
    let administrator = Actor { role: Role::Administrator, ..assigned };
    assert!(decide::<ViewChart>(&administrator, there).is_err(), "to assign an administrator gives nothing");
}

// Clauses: PDP-HIV
#[test]
fn who_looks_after_the_patient_still_writes_what_they_measure() {
    let ward = WardId(Uuid::from_u128(7));
    let encounter = EncounterId(Uuid::from_u128(9));
    let there = restricted(encounter, ward);
    let written = decide::<ChartVitals>(&nurse(ward), there).expect("the patient is on her ward");
    assert_eq!(shown_after(&written).scope(), &Scope::Encounter(encounter));
    assert!(decide::<WriteNote>(&nurse(ward), there).is_ok());
    let technician = Actor { role: Role::LabTechnician, ..nurse(ward) };
    assert!(decide::<ReleaseResult>(&technician, there).is_ok());
    assert!(decide::<FillForm>(&nurse(ward), there).is_err(), "a form shows what the record knows");
}

// Clauses: PDP-HIV, PDP-BG
#[test]
fn an_emergency_opens_a_restricted_record_too() {
    let ward = WardId(Uuid::from_u128(7));
    let encounter = EncounterId(Uuid::from_u128(9));
    let there = restricted(encounter, ward);
    for role in [Role::Nurse, Role::Doctor] {
        let opened = Actor { role, emergencies: vec![encounter], ..nurse(ward) };
        assert!(decide::<ViewChart>(&opened, there).is_ok(), "{role:?}");
        assert!(decide::<PlaceOrder>(&opened, there).is_err(), "to read, and nothing else");
        assert!(decide::<RestrictRecord>(&opened, there).is_err(), "nor to make themselves readers");
    }
    let director = Actor { role: Role::Director, ..nurse(ward) };
    assert!(decide::<ReassignReaders>(&director, there).is_ok());
    assert!(decide::<ViewChart>(&director, there).is_err(), "who assigns does not read");
}

// Clauses: KCB-69.4b, KCB-69.4c, C46-7.1
#[test]
fn an_outsider_reads_what_was_granted_and_nothing_else() {
    let ward = WardId(Uuid::from_u128(7));
    let (hers, his) = (EncounterId(Uuid::from_u128(9)), EncounterId(Uuid::from_u128(10)));
    let outsider = Actor { role: Role::Outsider, wards: vec![], granted: vec![hers], ..nurse(ward) };
    for place in [at(hers, ward), restricted(hers, ward)] {
        let seen = decide::<ReadGranted>(&outsider, place).expect("granted");
        assert_eq!(shown_on_grant(&seen).scope(), &Scope::Encounter(hers));
        assert!(decide::<ViewChart>(&outsider, place).is_err(), "by the sheets that were granted, not as staff");
    }
    assert!(decide::<ReadGranted>(&outsider, at(his, ward)).is_err());
    assert!(decide::<ReadGranted>(&outsider, Place::Facility).is_err());
    assert!(decide::<ReadGranted>(&Actor { granted: vec![hers], ..nurse(ward) }, at(hers, ward)).is_err());
    let outsiders = Role::ALL.iter().position(|role| *role == Role::Outsider).expect("listed");
    for right in policy().iter().filter(|right| right.action != "ReadGranted") {
        assert_eq!(right.reach[outsiders], Reach::Nowhere, "{}", right.action);
    }
}

// Clauses: KCB-10.2, C46-3.2c
#[test]
fn a_doctor_who_treats_their_own_patients_reads_these_and_no_others() {
    let (mine, other) = (WardId(Uuid::from_u128(7)), WardId(Uuid::from_u128(8)));
    let (asked, hers) = (EncounterId(Uuid::from_u128(9)), EncounterId(Uuid::from_u128(10)));
    let free = Actor { role: Role::Doctor, ..nurse(mine) };
    assert!(decide::<ViewChart>(&free, at(hers, other)).is_ok(), "the whole house, as it was");
    let doctor = Actor { doctors: DoctorsReach::OwnPatients, treats: vec![asked], ..free };
    assert!(decide::<PlaceOrder>(&doctor, at(hers, mine)).is_ok());
    assert!(decide::<PlaceOrder>(&doctor, at(asked, other)).is_ok(), "named in it");
    for refused in [
        decide::<ViewChart>(&doctor, at(hers, other)).map(drop),
        decide::<ChartVitals>(&doctor, at(hers, other)).map(drop),
        decide::<PlaceOrder>(&doctor, at(hers, other)).map(drop),
        decide::<NameDoctors>(&doctor, at(hers, other)).map(drop),
        decide::<ViewWard>(&doctor, Place::Ward(other)).map(drop),
        decide::<SetDuty>(&doctor, Place::Ward(other)).map(drop),
    ] {
        assert!(refused.is_err());
    }
    let all = decide::<ViewLateEntries>(&doctor, Place::Facility).expect("of their wards");
    assert_eq!(all.scope(), &Scope::Wards(vec![mine]));
    // They find a patient to be asked for, and open what cannot wait.
    assert!(decide::<SearchPatients>(&doctor, Place::Facility).is_ok());
    assert!(decide::<OpenInEmergency>(&doctor, at(hers, other)).is_ok());
    let opened = Actor { emergencies: vec![hers], ..doctor.clone() };
    assert!(decide::<ViewChart>(&opened, at(hers, other)).is_ok());
    assert!(decide::<PlaceOrder>(&opened, at(hers, other)).is_err(), "it shows, and lets nobody write");
    // To be named does not open what only assigned staff read.
    let restricted = Place::Restricted { encounter: asked, ward: other, record: RecordState::Active };
    assert_eq!(decide::<ViewChart>(&doctor, restricted).err(), Some(Denied::Restricted("ViewChart")));
    let radiologist = Actor { role: Role::Radiologist, ..doctor };
    assert!(decide::<ViewChart>(&radiologist, at(hers, other)).is_ok(), "whoever serves the house sees all of it");
}
