//! A database of its own for one story, and a small hospital in it.

use benhan_domain::access::{Action, Actor, DoctorsReach, Permit, Place, Role, decide};
use benhan_domain::id::{BedId, EncounterId, FacilityId, PatientId, WardId};
use benhan_domain::person::Sex;
use benhan_domain::time::{Instant, SECOND};
use benhan_store::encounters::Admission;
use benhan_store::keys::Key;
use benhan_store::patients::Demographics;
use benhan_store::users::NewUser;
use benhan_store::{Conn, Db, DbUrl, Engine, Keyring, StoreError, Tx, encounters, patients, places, users};
use diesel::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// 2026-11-22T01:00:00Z; every look at the clock is one second later.
const MORNING: i64 = 1_795_309_200_000_000;

pub struct House {
    pub url: DbUrl,
    pub keys: Keyring,
    _keys: tempfile::TempDir,
    _place: Where,
}

/// Gone with the story.
enum Where {
    Folder { _dir: tempfile::TempDir },
    Server { admin: String, name: String },
}

impl Drop for Where {
    fn drop(&mut self) {
        if let Self::Server { admin, name } = self
            && let Ok(mut conn) = PgConnection::establish(admin)
        {
            drop(diesel::sql_query(format!("DROP DATABASE \"{name}\" WITH (FORCE)")).execute(&mut conn));
        }
    }
}

impl House {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self::at(DbUrl::Sqlite(dir.path().join("record.db")), Where::Folder { _dir: dir })
    }

    pub fn postgres() -> Option<Self> {
        let admin = std::env::var("BENHAN_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("benhan_{}", Uuid::now_v7().simple());
        let mut conn = PgConnection::establish(&admin).expect("the server of BENHAN_TEST_POSTGRES");
        diesel::sql_query(format!("CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"))
            .execute(&mut conn)
            .expect("a database");
        let (server, _) = admin.rsplit_once('/').expect("a URL with a database");
        Some(Self::at(DbUrl::Postgres(format!("{server}/{name}")), Where::Server { admin, name }))
    }

    fn at(url: DbUrl, place: Where) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let keys =
            Keyring::open_or_make(&dir.path().join("records.db"), Key::from_hex(&"07".repeat(32)).expect("a key"))
                .expect("keys");
        Self { url, keys, _keys: dir, _place: place }
    }

    /// As one process opens it; call twice for two processes on one database.
    pub fn open(&self) -> Db {
        let clock = AtomicI64::new(MORNING);
        Db::open(self.url.clone(), self.keys.clone(), move || Instant(clock.fetch_add(SECOND, Ordering::Relaxed)))
            .expect("the database opens")
    }

    /// A connection past the store, as somebody with a database client has it.
    pub fn client(&self) -> Conn {
        match &self.url {
            DbUrl::Sqlite(path) => Engine::Sqlite(SqliteConnection::establish(&shown(path)).expect("a connection")),
            DbUrl::Postgres(url) => Engine::Pg(PgConnection::establish(url).expect("a connection")),
        }
        .into()
    }
}

fn shown(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

/// A statement that no store function offers.
pub fn sql(conn: &mut Conn, statement: &str) -> QueryResult<usize> {
    match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query(statement).execute(c),
        Engine::Pg(c) => diesel::sql_query(statement).execute(c),
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// `SELECT count(*) AS n …`
pub fn count(conn: &mut Conn, query: &str) -> i64 {
    let rows: Vec<Counted> = match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query(query).load(c),
        Engine::Pg(c) => diesel::sql_query(query).load(c),
    }
    .expect("a count");
    rows[0].n
}

/// Two wards of two beds, one person of each role that the stories need.
#[derive(Clone)]
pub struct Hospital {
    pub facility: FacilityId,
    pub wards: [WardId; 2],
    /// Two of the first ward, then two of the second.
    pub beds: [BedId; 4],
    pub doctor: Actor,
    /// Of the first ward.
    pub nurse: Actor,
    pub technician: Actor,
}

pub async fn hospital(db: &Db) -> Hospital {
    db.write(|tx| {
        let facility = places::add_facility(tx, "79001", "Bệnh viện Thử", "Sở Y tế")?;
        let department = places::add_department(tx, facility, "NOI", "Nội")?;
        let wards =
            [places::add_ward(tx, department, "NOI1", "Nội 1")?, places::add_ward(tx, department, "NOI2", "Nội 2")?];
        let mut bed = |ward, label| places::add_bed(tx, ward, label, "P1", 1);
        let beds = [bed(wards[0], "01")?, bed(wards[0], "02")?, bed(wards[1], "01")?, bed(wards[1], "02")?];
        let mut person = |username: &str, role, of: &[WardId]| {
            let new = NewUser {
                username: username.into(),
                name: format!("Người {username}"),
                role,
                password_hash: "$argon2id$".into(),
                pin_hash: None,
                must_change_password: false,
                wards: of.to_vec(),
            };
            users::add(tx, &new).map(|user| Actor {
                user,
                role,
                wards: of.to_vec(),
                treats: vec![],
                doctors: DoctorsReach::WholeHouse,
                emergencies: vec![],
                assigned: vec![],
                granted: vec![],
            })
        };
        let doctor = person("bs", Role::Doctor, &wards)?;
        let nurse = person("dd", Role::Nurse, &wards[..1])?;
        let technician = person("ktv", Role::LabTechnician, &[])?;
        Ok::<_, StoreError>(Hospital { facility, wards, beds, doctor, nurse, technician })
    })
    .await
    .expect("a small hospital")
}

/// The permit that the policy gives this person there.
pub fn permit<A: Action>(actor: &Actor, place: Place) -> Permit<A> {
    decide(actor, place).expect("permitted")
}

pub fn who(name: &str) -> Demographics {
    Demographics {
        name: name.into(),
        birth_date: Some("1970-03-12".parse().expect("a date")),
        sex: Sex::Male,
        national_id: None,
        insurance_card: None,
        phone: String::new(),
        address: String::new(),
        allergies: Vec::new(),
    }
}

pub fn register(tx: &mut Tx<'_>, house: &Hospital, code: &str, who: &Demographics) -> Result<PatientId, StoreError> {
    patients::register(tx, &permit(&house.doctor, Place::Facility), house.facility, code, who)
}

/// A patient of that name, admitted to a ward.
pub async fn admitted(db: &Db, house: &Hospital, code: &'static str, name: &'static str, ward: WardId) -> EncounterId {
    let house = house.clone();
    db.write(move |tx| {
        let patient = register(tx, &house, code, &who(name))?;
        let new = Admission {
            patient,
            number: format!("26-{code}"),
            ward,
            admitted_at: tx.now(),
            diagnosis: "Theo dõi".into(),
            icd10: None,
            pregnant: false,
        };
        encounters::admit(tx, &permit(&house.doctor, Place::Ward(ward)), &new)
    })
    .await
    .expect("admitted")
}
