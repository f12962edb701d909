//! A small hospital in a folder of its own.

use benhan_contract::{
    DeliveryId, DeviceDelivery, Processing, Protocol, Reading, ReadingStatus, ReadingValue, ResultGroup, Sender,
};
use benhan_domain::access::{Admit, MatchLab, MatchVitals, Place, RegisterPatient, Role, decide};
use benhan_domain::id::{EncounterId, InboxId, WardId};
use benhan_domain::lab::Limits;
use benhan_domain::order::OrderKind;
use benhan_domain::person::Sex;
use benhan_domain::record::Terms;
use benhan_domain::time::{Instant, SECOND};
use benhan_server::App;
use benhan_server::app::accounts::{self, Caller, hash_secret};
use benhan_server::app::{AppError, ingest, matching};
use benhan_server::config::{Access, Downtime};
use benhan_server::desks::Desks;
use benhan_server::hub::Hub;
use benhan_server::kits::Kits;
use benhan_server::pixels::Pixels;
use benhan_server::secrets::Secrets;
use benhan_server::trust::Trust;
use benhan_store::audit::Wanted;
use benhan_store::catalog::{Analyte, Item};
use benhan_store::encounters::Admission;
use benhan_store::inbox::{Message, Sight, State};
use benhan_store::keys::Key;
use benhan_store::patients::Demographics;
use benhan_store::users::NewUser;
use benhan_store::{Db, DbUrl, Keyring, StoreError, catalog, encounters, inbox, patients, places, users};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

pub const PASSWORD: &str = "Mat-khau-thu-1";
/// 2026-11-22T01:00:00Z; every look at the clock is one second later.
pub const MORNING: i64 = 1_795_309_200_000_000;

pub struct House {
    pub app: App,
    pub wards: [WardId; 2],
    pub doctor: Caller,
    /// Of the first ward.
    pub nurse: Caller,
    /// Of the second ward.
    pub other_nurse: Caller,
    pub technician: Caller,
    pub radiologist: Caller,
    pub administrator: Caller,
    clock: Arc<AtomicI64>,
    pub dir: tempfile::TempDir,
    _server: Option<OnServer>,
}

/// A database of its own on the server of `BENHAN_TEST_POSTGRES`, gone with the story.
struct OnServer {
    admin: String,
    name: String,
}

impl OnServer {
    fn new(admin: String) -> Self {
        let here = Self { admin, name: format!("benhan_{}", Uuid::now_v7().simple()) };
        here.say(&format!("CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8'", here.name));
        here
    }

    fn url(&self) -> DbUrl {
        let (server, _) = self.admin.rsplit_once('/').expect("a URL with a database");
        DbUrl::Postgres(format!("{server}/{}", self.name))
    }

    fn say(&self, statement: &str) {
        let psql = std::process::Command::new("psql").args(["-q", "-d", &self.admin, "-c", statement]).status();
        assert!(psql.expect("psql of the package postgresql-client").success(), "{statement}");
    }
}

impl Drop for OnServer {
    fn drop(&mut self) {
        self.say(&format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name));
    }
}

impl House {
    /// As in a demo: the administrator logs in by a password alone.
    pub fn by_password_alone(&mut self) {
        self.app.access = Arc::new(Access { second_factor: Vec::new(), ..Access::default() });
    }

    /// Lets so many microseconds pass.
    pub fn later(&self, micros: i64) {
        self.clock.fetch_add(micros, Ordering::Relaxed);
    }

    pub async fn open() -> Self {
        Self::furnished(None).await
    }

    /// On PostgreSQL; nothing, and a word, where the tests have none.
    pub async fn on_postgres() -> Option<Self> {
        let Some(admin) = std::env::var("BENHAN_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) else {
            eprintln!("skipped on PostgreSQL: BENHAN_TEST_POSTGRES is not set");
            return None;
        };
        Some(Self::furnished(Some(OnServer::new(admin))).await)
    }

    async fn furnished(server: Option<OnServer>) -> Self {
        // As the program does at its start; the second house of a process finds it there.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(AtomicI64::new(MORNING));
        let ticking = Arc::clone(&clock);
        let tick = move || Instant(ticking.fetch_add(SECOND, Ordering::Relaxed));
        let url = server.as_ref().map_or_else(|| DbUrl::Sqlite(dir.path().join("record.db")), OnServer::url);
        let master = Key::from_hex(&"09".repeat(32)).expect("a key");
        let keys = Keyring::open_or_make(&dir.path().join("records.db"), master).expect("the records' keys");
        let db = Db::open(url, keys, tick).expect("a database");
        let secrets = Secrets { server_key: [7; 32], ingest_token: "ingest".into(), pixels_token: "pixels".into() };
        let hash = hash_secret(&secrets.server_key, PASSWORD).expect("a hash");
        let (wards, staff) = db.write(move |tx| furnish(tx, &hash)).await.expect("a hospital");
        let facility = db.read::<_, StoreError, _>(places::facility).await.expect("a read").expect("a facility");
        let hub = Arc::new(Hub::default());
        let app = App {
            db,
            desks: Arc::new(Desks::new(&secrets.server_key, Arc::clone(&hub)).expect("a key")),
            hub,
            jobs: Arc::default(),
            pixels: Arc::new(Pixels::new(secrets.pixels_token.clone()).expect("a client")),
            secrets: Arc::new(secrets),
            facility: Arc::new(facility),
            renderer: Arc::new(benhan_render::Renderer::new().expect("the forms")),
            trust: Arc::new(Trust::new(vec![], vec![], vec![])),
            lists: Arc::new(|_, _| Ok(vec![])),
            holders: Arc::default(),
            security_keys: Arc::default(),
            messages: None,
            patient_codes: Arc::default(),
            seal: None,
            settings: Arc::default(),
            signing: Default::default(),
            access: Arc::default(),
            report_clocks: Default::default(),
            personal_data: Arc::default(),
            terms: Terms::default(),
            buckets: Arc::default(),
            kits: Arc::new(Kits::new(dir.path().join("downtime"), Downtime::default())),
        };
        let mut callers = Vec::new();
        for user in staff {
            callers.push(accounts::acting(&app, user).await.expect("a member of staff"));
        }
        let staff = callers.try_into().expect("six of them");
        let [doctor, nurse, other_nurse, technician, radiologist, administrator] = staff;
        Self {
            app,
            wards,
            doctor,
            nurse,
            other_nurse,
            technician,
            radiologist,
            administrator,
            clock,
            dir,
            _server: server,
        }
    }

    /// A patient of that name, admitted to a ward.
    pub async fn admitted(&self, code: &'static str, name: &'static str, ward: WardId) -> EncounterId {
        let (actor, facility) = (self.doctor.actor.clone(), self.app.facility.id);
        let admitted = self.app.db.write(move |tx| {
            let who = Demographics {
                name: name.into(),
                birth_date: Some("1970-03-12".parse().expect("a date")),
                sex: Sex::Male,
                national_id: None,
                insurance_card: None,
                phone: String::new(),
                address: String::new(),
                allergies: vec!["penicillin".into()],
            };
            let patient =
                patients::register(tx, &decide::<RegisterPatient>(&actor, Place::Facility)?, facility, code, &who)?;
            let new = Admission {
                patient,
                number: format!("26-{code}"),
                ward,
                admitted_at: tx.now(),
                diagnosis: "Theo dõi".into(),
                icd10: None,
                pregnant: false,
            };
            Ok::<_, AppError>(encounters::admit(tx, &decide::<Admit>(&actor, Place::Ward(ward))?, &new)?)
        });
        admitted.await.expect("admitted")
    }

    /// Puts a stay into a bed of its ward from `at`.
    pub async fn lies(&self, stay: EncounterId, ward: WardId, bed: &'static str, at: i64) {
        let actor = self.doctor.actor.clone();
        let moved = self.app.db.write(move |tx| {
            let bed = places::beds(tx.conn(), ward)?.into_iter().find(|b| b.label == bed).expect("a bed");
            let permit = decide::<Admit>(&actor, Place::Ward(ward))?;
            Ok::<_, AppError>(encounters::move_to(tx, &permit, stay, bed.id, 1, Instant(at))?)
        });
        moved.await.expect("moved");
    }

    /// Leaves the bed that it has, at `at`.
    pub async fn goes_home(&self, stay: EncounterId, ward: WardId, at: i64) {
        let actor = self.doctor.actor.clone();
        let gone = self.app.db.write(move |tx| {
            let permit = decide::<Admit>(&actor, Place::Ward(ward))?;
            let how = benhan_domain::encounter::Outcome::Home;
            Ok::<_, AppError>(encounters::discharge(tx, &permit, stay, how, Instant(at))?)
        });
        gone.await.expect("gone");
    }

    /// A device's message, taken in and looked at as the job does.
    pub async fn arrives(&self, delivery: DeviceDelivery) -> Message {
        let id = InboxId(delivery.id.0);
        let batch = benhan_contract::Deliveries { deliveries: vec![delivery] };
        ingest::deliveries(&self.app, batch).await.expect("kept");
        let app = self.app.clone();
        self.app.db.write(move |tx| matching::settle(tx, &app, id)).await.expect("looked at");
        self.message(id).await
    }

    pub async fn message(&self, id: InboxId) -> Message {
        let vitals = decide::<MatchVitals>(&self.doctor.actor, Place::Facility).expect("a doctor");
        let lab = decide::<MatchLab>(&self.technician.actor, Place::Facility).expect("a technician");
        let all = Sight::of(Some(&vitals), Some(&lab));
        let read = self.app.db.read::<_, AppError, _>(move |conn| Ok(inbox::read(conn, &all, id)?));
        read.await.expect("a read").expect("a message")
    }

    /// Rows of the trail with this act and kind.
    pub async fn audited(&self, act: &'static str, kind: &'static str) -> usize {
        let read = self
            .app
            .db
            .read::<_, AppError, _>(|conn| Ok(benhan_store::audit::latest(conn, &Wanted::default(), 1_000)?));
        read.await.expect("the trail").iter().filter(|r| r.act == act && r.subject_kind == kind).count()
    }
}

type Staff = Vec<benhan_domain::id::UserId>;

fn furnish(tx: &mut benhan_store::Tx<'_>, hash: &str) -> Result<([WardId; 2], Staff), StoreError> {
    let facility = places::add_facility(tx, "79001", "Bệnh viện Thử", "Sở Y tế")?;
    let department = places::add_department(tx, facility, "NOI", "Nội")?;
    let wards =
        [places::add_ward(tx, department, "NOI1", "Nội 1")?, places::add_ward(tx, department, "NOI2", "Nội 2")?];
    for (ward, label) in [(wards[0], "G01"), (wards[0], "G02"), (wards[1], "G01")] {
        places::add_bed(tx, ward, label, "301", 1)?;
    }
    let mut staff = Vec::new();
    for (username, role, of) in [
        ("bs", Role::Doctor, wards.to_vec()),
        ("dd", Role::Nurse, vec![wards[0]]),
        ("dd2", Role::Nurse, vec![wards[1]]),
        ("ktv", Role::LabTechnician, vec![]),
        ("cdha", Role::Radiologist, vec![]),
        ("qt", Role::Administrator, vec![]),
    ] {
        let new = NewUser {
            username: username.into(),
            name: format!("Người {username}"),
            role,
            password_hash: hash.into(),
            pin_hash: None,
            must_change_password: false,
            wards: of,
        };
        staff.push(users::add(tx, &new)?);
    }
    stock(tx)?;
    Ok((wards, staff))
}

fn stock(tx: &mut benhan_store::Tx<'_>) -> Result<(), StoreError> {
    for (code, kind, name, modality, specimen) in [
        ("DIENGIAI", OrderKind::Lab, "Điện giải đồ", None, Some("Máu")),
        ("GLU", OrderKind::Lab, "Glucose", None, Some("Máu")),
        ("TPTNT", OrderKind::Lab, "Tổng phân tích nước tiểu", None, Some("Nước tiểu")),
        ("CTSN", OrderKind::Imaging, "CT sọ não", Some("CT"), None),
    ] {
        let item = Item {
            code: code.into(),
            kind,
            name: name.into(),
            modality: modality.map(str::to_owned),
            specimen_type: specimen.map(str::to_owned),
            position: 1,
        };
        catalog::add_item(tx, &item)?;
    }
    let limits = |low, high, critical_low, critical_high| Limits {
        low: Some(low),
        high: Some(high),
        critical_low: Some(critical_low),
        critical_high: Some(critical_high),
    };
    for (code, item, name, loinc, limits) in [
        ("K", "DIENGIAI", "Kali", "2823-3", limits(3.5, 5.1, 2.5, 6.5)),
        ("NA", "DIENGIAI", "Natri", "2951-2", limits(135.0, 145.0, 120.0, 160.0)),
        ("GLUC", "GLU", "Đường máu", "2345-7", limits(3.9, 6.4, 2.2, 25.0)),
    ] {
        let analyte = Analyte {
            code: code.into(),
            item_code: item.into(),
            name: name.into(),
            loinc: Some(loinc.into()),
            unit: "mmol/L".into(),
            limits,
            position: 1,
        };
        catalog::add_analyte(tx, &analyte)?;
    }
    Ok(())
}

pub fn reading(code: &str, decimal: &str) -> Reading {
    Reading {
        code: code.into(),
        name: code.into(),
        system: "L".into(),
        loinc: None,
        channel: String::new(),
        value: ReadingValue::Number { decimal: decimal.into(), comparator: None },
        unit: "mmol/L".into(),
        ucum: Some("mmol/L".into()),
        reference_range: String::new(),
        flags: vec![],
        status: ReadingStatus::Final,
        effective_at: Some(MORNING),
        aperiodic: false,
        comments: vec![],
    }
}

pub fn group(specimen: &str, readings: &[Reading]) -> ResultGroup {
    let specimens = if specimen.is_empty() { vec![] } else { vec![specimen.into()] };
    ResultGroup { specimens, service: String::new(), readings: readings.to_vec() }
}

/// A monitor's value at an instant, in the unit that it is charted in.
pub fn vital(loinc: &str, decimal: &str, ucum: &str, at: Option<i64>) -> Reading {
    Reading {
        system: "MDC".into(),
        loinc: Some(loinc.into()),
        unit: ucum.into(),
        ucum: Some(ucum.into()),
        effective_at: at,
        ..reading(loinc, decimal)
    }
}

/// A cuff's two pressures at an instant.
pub fn cuff(sbp: &str, dbp: &str, at: Option<i64>) -> [Reading; 2] {
    [("8480-6", sbp), ("8462-4", dbp)]
        .map(|(loinc, decimal)| Reading { aperiodic: true, ..vital(loinc, decimal, "mm[Hg]", at) })
}

/// A new message of the monitor at a bed, sent and received at `at`.
pub fn monitored(ward: &str, bed: &str, at: i64, readings: &[Reading]) -> DeviceDelivery {
    DeviceDelivery {
        sender: Sender { channel: "mllp".into(), application: "MONITOR".into(), ..Sender::default() },
        protocol: Protocol::Hl7,
        received_at: at,
        message_at: Some(at),
        location: Some(benhan_contract::SenderLocation {
            unit: ward.into(),
            room: "301".into(),
            bed: bed.into(),
            text: String::new(),
        }),
        ..analyzed(vec![group("", readings)])
    }
}

/// A new message of an analyzer.
pub fn analyzed(groups: Vec<ResultGroup>) -> DeviceDelivery {
    DeviceDelivery {
        id: DeliveryId(Uuid::now_v7()),
        sequence: 1,
        sender: Sender { channel: "astm".into(), application: "XN".into(), ..Sender::default() },
        protocol: Protocol::Astm,
        received_at: MORNING,
        message_at: None,
        processing: Processing::Production,
        control_id: None,
        message_type: String::new(),
        raw: String::new(),
        raw_sha256: "00".into(),
        patient: None,
        location: None,
        groups,
        set_aside: vec![],
    }
}

/// Why a message waits.
pub fn waits(message: &Message) -> &str {
    assert_eq!(message.state, State::Waiting, "{}", message.reason);
    &message.reason
}
