//! Fills an empty record through the same use cases as the ward, on a clock that walks through the last week.

use super::catalog;
use super::people::person;
use super::records;
use super::rounds;
use super::staff::Staff;
use super::{AUTHORITY, BEDS, FACILITY, STAFF, WARDS};
use crate::data_dir::DataDir;
use crate::{identity, say};
use anyhow::Context;
use benhan_domain::access::{Admit, Place, RegisterPatient, Role, decide};
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::{BedId, EncounterId, FacilityId, UserId, WardId};
use benhan_domain::record::{Capacity, Term};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_server::app::accounts::{self, Caller, hash_secret};
use benhan_server::app::notes::{self, Words};
use benhan_server::app::{admission, orders, patients};
use benhan_server::secrets::Secrets;
use benhan_sign::{Authority, ServerKey, SigningKey, Subject, WrappedKey};
use benhan_store::authorities::{self, NewAuthority};
use benhan_store::certificates::NewCertificate;
use benhan_store::users::NewUser;
use benhan_store::{Db, DbUrl, certificates, encounters, places, users};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// In the data folder while the demo is being furnished.
const UNFINISHED: &str = "demo.unfinished";
/// Patients who have a week of charts; the rest have a day.
const LONG_STAYS: i64 = 6;

pub type Wards = Vec<(WardId, Vec<BedId>)>;

pub struct House {
    pub wards: Wards,
    staff: Vec<(Caller, &'static Staff)>,
}

impl House {
    pub fn caller(&self, username: &str) -> anyhow::Result<Caller> {
        let found = self.staff.iter().find(|(_, s)| s.username == username);
        found.map(|(c, _)| c.clone()).context("no such demo user")
    }
}

pub struct Admitted {
    pub stay: EncounterId,
    pub ward: usize,
    pub n: i64,
    pub severity: i64,
    pub days: i64,
}

/// Makes the hospital when there is none. True when it did.
pub async fn seed(dir: &DataDir, url: &DbUrl, secrets: &Arc<Secrets>) -> anyhow::Result<bool> {
    // What a furnishing left behind that was killed half way is no hospital to show, and not ours to remove.
    let root = dir.root().display();
    anyhow::ensure!(
        !dir.path(UNFINISHED).exists(),
        "the demo in {root} was interrupted before it was furnished: remove this folder (and its PostgreSQL database, \
         if you named one) and start again"
    );
    let now = jiff::Timestamp::now().as_microsecond();
    let clock = Arc::new(AtomicI64::new(now.saturating_sub(8 * 24 * HOUR)));
    let ticking = Arc::clone(&clock);
    // Each reading moves it on, so that no two rows of a batch share an instant.
    let db = Db::open(url.clone(), dir.record_keys()?, move || Instant(ticking.fetch_add(1, Ordering::Relaxed)))?;
    if let Some(facility) = db.read::<_, benhan_store::StoreError, _>(places::facility).await? {
        db.close();
        // Simulated monitors in a real bed would be charted.
        let code = facility.code;
        anyhow::ensure!(
            code == FACILITY.0,
            "hospital {code} in this data folder is no demo: choose another --data-dir"
        );
        return Ok(false);
    }
    say::line("Đang dựng bệnh viện mô phỏng (lần đầu)…");
    dir.write_private(UNFINISHED, &[])?;
    let start = Instant(clock.load(Ordering::Relaxed));
    let authority = identity::create(dir, FACILITY, start.0)?;
    let (wards, staff) = house(&db, &authority, secrets, start.0).await?;
    let config = crate::config::Config::default();
    let pixels = benhan_server::pixels::Pixels::new(secrets.pixels_token.clone())?;
    let app =
        crate::role::app(dir, db.clone(), Arc::clone(secrets), &config, Default::default(), (pixels, Arc::default()))
            .await?;
    let mut callers = Vec::new();
    for (user, who) in staff {
        callers.push((accounts::acting(&app, user).await?, who));
    }
    let house = House { wards, staff: callers };
    let admitted = admit(&db, &house, now, &clock).await?;
    say::line("  … 73 người bệnh, nhân viên và giường đã có; đang ghi và ký sinh hiệu của tuần qua");
    rounds::walk(&app, &house, &admitted, now, &clock, dir).await?;
    say::line("  … đang dựng và ký các phiếu theo dõi");
    rounds::close(&app, &house, &admitted, now, &clock, dir).await?;
    records::write(&app, &house, &admitted, now, &clock).await?;
    write_notes(&app, &house, &admitted, now, &clock).await?;
    order(&app, &house, &admitted, now, &clock).await?;
    db.close();
    std::fs::remove_file(dir.path(UNFINISHED))?;
    Ok(true)
}

async fn house(
    db: &Db,
    authority: &Authority,
    secrets: &Arc<Secrets>,
    at: i64,
) -> anyhow::Result<(Wards, Vec<(UserId, &'static Staff)>)> {
    let mut prepared = Vec::new();
    for staff in &STAFF {
        let secrets = Arc::clone(secrets);
        let key = SigningKey::generate(staff.key)?;
        let subject = Subject { organization: Some(FACILITY.1.to_owned()), ..Subject::named(staff.name) };
        let certificate = authority.issue_person(&subject, &key, at, 3 * 365)?;
        let hashed = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
            let wrapped = WrappedKey::wrap(&key, staff.pin, &ServerKey::from_bytes(secrets.server_key))?;
            let password = hash_secret(&secrets.server_key, &staff.password())?;
            Ok((password, hash_secret(&secrets.server_key, staff.pin)?, serde_json::to_string(&wrapped)?))
        });
        let (password, pin, wrapped) = hashed.await??;
        prepared.push((staff, password, pin, wrapped, certificate));
    }
    let made = db.write(move |tx| {
        let facility = places::add_facility(tx, FACILITY.0, FACILITY.1, AUTHORITY)?;
        let mut wards = Vec::new();
        for (code, name, letter) in WARDS {
            let department = places::add_department(tx, facility, code, name)?;
            let ward = places::add_ward(tx, department, code, name)?;
            let mut beds = Vec::new();
            for n in 1..=BEDS {
                let room = format!("{}", 300 + (n - 1) / 8 + 1);
                beds.push(places::add_bed(tx, ward, &format!("{letter}{n:02}"), &room, n)?);
            }
            wards.push((ward, beds));
        }
        catalog::add(tx)?;
        let mut staff = Vec::new();
        for (who, password_hash, pin_hash, wrapped, certificate) in prepared {
            let own = WARDS.iter().zip(&wards).find(|((code, ..), _)| *code == who.ward).map(|(_, (id, _))| *id);
            let user = users::add(
                tx,
                &NewUser {
                    username: who.username.into(),
                    name: who.name.into(),
                    role: who.role,
                    password_hash,
                    pin_hash: Some(pin_hash),
                    must_change_password: false,
                    wards: own.into_iter().collect(),
                },
            )?;
            let new = NewCertificate {
                user: Some(user),
                department: None,
                subject: certificate.subject(),
                issuer: certificate.issuer(),
                serial: certificate.serial(),
                not_before: certificate.valid_from(),
                not_after: certificate.valid_until(),
                der: certificate.der().to_vec(),
                wrapped_key: Some(wrapped),
                key: KeyPlace::Software,
            };
            certificates::add(tx, new)?;
            if who.role == Role::Director {
                let paper = NewAuthority {
                    user,
                    capacity: Capacity::Head,
                    decision: "Quyết định bổ nhiệm 12/QĐ-SYT ngày 05/01/2026".into(),
                    term: Term { from: Instant(at), until: None },
                    by: None,
                };
                authorities::enter(tx, &paper)?;
            }
            staff.push((user, who));
        }
        Ok::<_, benhan_store::StoreError>((wards, staff))
    });
    Ok(made.await?)
}

async fn admit(db: &Db, house: &House, now: i64, clock: &AtomicI64) -> anyhow::Result<Vec<Admitted>> {
    let doctor = house.caller("viet")?;
    let facility: FacilityId =
        db.read::<_, benhan_store::StoreError, _>(places::facility).await?.context("no facility")?.id;
    let mut admitted = Vec::new();
    for (ward, (ward_id, beds)) in house.wards.iter().enumerate() {
        for (n, bed) in (0_i64..).zip(beds) {
            // A few empty beds, as on any ward.
            if (ward == 0 && (n == 13 || n == 31)) || (ward == 1 && n % 8 == 6) {
                continue;
            }
            let days = if n < LONG_STAYS { 7 } else { 1 + n % 3 };
            let at = now.saturating_sub(days * 24 * HOUR + n * MINUTE);
            clock.store(at, Ordering::Relaxed);
            let (p, actor, ward_id, bed) = (person(ward, n), doctor.actor.clone(), *ward_id, *bed);
            let severity = p.severity;
            let stay = db.write(move |tx| {
                let register = decide::<RegisterPatient>(&actor, Place::Facility)?;
                let permit = decide::<Admit>(&actor, Place::Ward(ward_id))?;
                let patient = patients::add(tx, &register, facility, &p.who)?;
                let new = encounters::Admission {
                    patient,
                    number: admission::next_number(tx)?,
                    ward: ward_id,
                    admitted_at: tx.now(),
                    diagnosis: p.diagnosis.into(),
                    icd10: Some(p.icd10.into()),
                    pregnant: p.pregnant,
                };
                let stay = encounters::admit(tx, &permit, &new)?;
                let from = tx.now();
                encounters::move_to(tx, &permit, stay, bed, 1, from)?;
                Ok::<_, benhan_server::app::AppError>(stay)
            });
            admitted.push(Admitted { stay: stay.await?, ward, n, severity, days });
        }
    }
    Ok(admitted)
}

/// The long stays of the first ward have a care note.
async fn write_notes(
    app: &benhan_server::App,
    house: &House,
    admitted: &[Admitted],
    now: i64,
    clock: &AtomicI64,
) -> anyhow::Result<()> {
    clock.store(now.saturating_sub(24 * MINUTE), Ordering::Relaxed);
    let who = house.caller("ha")?;
    for a in admitted.iter().filter(|a| a.ward == 0 && a.n < LONG_STAYS) {
        let words = Words {
            course: "Người bệnh tỉnh, tiếp xúc tốt, đỡ mệt, ăn được.".into(),
            care: "Hướng dẫn uống thuốc đúng giờ, vỗ rung, thay băng khô sạch.".into(),
        };
        notes::write(app, &who, a.stay, Instant(now.saturating_sub(HOUR)), words, None).await?;
    }
    Ok(())
}

/// Blood for every third patient of the first ward, a chest X-ray and a CT for some.
async fn order(
    app: &benhan_server::App,
    house: &House,
    admitted: &[Admitted],
    now: i64,
    clock: &AtomicI64,
) -> anyhow::Result<()> {
    clock.store(now.saturating_sub(20 * MINUTE), Ordering::Relaxed);
    let (doctor, nurse) = (house.caller("viet")?, house.caller("ha")?);
    for a in admitted.iter().filter(|a| a.ward == 0 && a.n % 3 == 0) {
        let mut codes = vec![catalog::BLOOD_COUNT.to_owned(), catalog::CHEMISTRY.to_owned()];
        if a.n % 6 == 0 {
            codes.push(catalog::CHEST_XRAY.to_owned());
        }
        if a.n % 12 == 0 {
            codes.push(catalog::CHEST_CT.to_owned());
        }
        for placed in orders::place(app, &doctor, a.stay, codes, None).await? {
            if placed.barcode.is_some() {
                let id = placed.id.parse().context("an order without an id")?;
                orders::collect(app, &nurse, id).await?;
            }
        }
    }
    Ok(())
}
