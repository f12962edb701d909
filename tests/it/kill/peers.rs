//! Who works while the power fails, and how each begins again.

use super::account::Account;
use super::door::{Access, Door};
use super::nurse;
use benhan_tests::analyzer::{Line, report};
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{Actor, TestHospital};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::io;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Whom the work is about.
pub struct Ward {
    /// Stays that the nurses chart, two each.
    pub charted: Vec<(&'static str, [String; 2])>,
    /// Stays in the beds of the monitors.
    pub monitored: Vec<(&'static str, String)>,
    /// The first image of each study that will be sent.
    pub studies: Vec<Image>,
}

impl Ward {
    pub async fn prepare(hospital: &TestHospital) -> Self {
        let (ha, nga, viet) = (hospital.login("ha").await, hospital.login("nga").await, hospital.login("viet").await);
        let mut charted = Vec::new();
        for (name, who, beds) in [
            ("ha", &ha, ["G02", "G04"]),
            ("lan", &ha, ["G08", "G10"]),
            ("nga", &nga, ["N01", "N02"]),
            ("tuan", &nga, ["N03", "N04"]),
        ] {
            charted.push((name, [who.stay_in(beds[0]).await, who.stay_in(beds[1]).await]));
        }
        let mut monitored = Vec::new();
        for bed in ["N10", "N12"] {
            monitored.push((bed, nga.stay_in(bed).await));
        }
        let mut studies = Vec::new();
        for bed in ["G16", "G20"] {
            let lies = ha.occupant(bed).await;
            let path = format!("/encounters/{}/orders", lies["encounterId"].as_str().unwrap());
            let placed = viet.post(&path, json!({ "items": ["CD-CTN"] })).await.ok();
            let (accession, code) = (placed[0]["accession"].as_str().unwrap(), lies["patientCode"].as_str().unwrap());
            studies.push(Image { side: 64, ..Image::new(accession, code, "Người^Bệnh") });
        }
        Self { charted, monitored, studies }
    }

    /// Everybody starts when the door opens.
    pub async fn work(
        &self,
        hospital: &TestHospital,
        access: &watch::Receiver<Access>,
        account: &Account,
    ) -> Vec<JoinHandle<()>> {
        let door = || Door::new(access, account);
        let mut work = Vec::new();
        for (name, stays) in &self.charted {
            let actor: Actor = hospital.login(name).await;
            work.push(tokio::spawn(nurse::works(actor, stays.clone(), door(), account.clone())));
        }
        for (number, (bed, _)) in (1..).zip(&self.monitored) {
            work.push(tokio::spawn(monitor(bed, number, door(), account.clone())));
        }
        work.push(tokio::spawn(analyzer(door(), account.clone())));
        for study in &self.studies {
            work.push(tokio::spawn(modality(study.clone(), door(), account.clone())));
        }
        work
    }
}

/// Sends a message again, on a new line, until it is acknowledged; then the next.
async fn monitor(bed: &'static str, number: u32, mut door: Door, account: Account) {
    // Cuff pressures of the past, a second apart, so that each is a set of its own on the chart.
    let begun = Timestamp::from_second(Timestamp::now().as_second()).unwrap() - SignedDuration::from_hours(6);
    let mut line: Option<Monitor> = None;
    for count in 0..5_000_u16 {
        let message = Measured {
            device: format!("00A03702EB00BB{number:02}"),
            pulse: 60 + u32::from(count % 60),
            cuff: Some((120, 70)),
            ..Measured::new(
                &format!("KILL-{number}-{count}"),
                &format!("NGOAI^302^{bed}"),
                begun + SignedDuration::from_secs(i64::from(count)),
            )
        };
        let bytes = message.message();
        while tell(&mut line, &bytes, &message.control_id, &mut door).await.is_err() {
            line = None;
        }
        account.measured(bed, message.at);
        if door.goes_home(usize::from(count)).await {
            return;
        }
    }
}

async fn tell(line: &mut Option<Monitor>, bytes: &[u8], id: &str, door: &mut Door) -> io::Result<()> {
    let mut open = match line.take() {
        Some(open) => open,
        None => Monitor::connect(door.open().await.0.mllp).await?,
    };
    let answer = open.try_say(bytes).await?;
    assert_eq!(answer, format!("MSA|AA|{id}"));
    *line = Some(open);
    Ok(())
}

/// A tube after the other. What was not acknowledged to its last frame is transferred again.
async fn analyzer(mut door: Door, account: Account) {
    for count in 0..5_000_u16 {
        let barcode = format!("KILL{count:05}");
        let text = report(&barcode, &[("K", "4.1", "mmol/L"), ("NA", "140", "mmol/L")]);
        loop {
            let Ok(mut line) = Line::connect(door.open().await.0.astm).await else { continue };
            if line.transfer(&text).await.is_ok() {
                break;
            }
        }
        account.analyzed(barcode);
        if door.goes_home(usize::from(count)).await {
            return;
        }
    }
}

async fn modality(first: Image, mut door: Door, account: Account) {
    let mut association: Option<Association> = None;
    for number in 1..=5_000 {
        let image = first.next(number);
        let dataset = image.dataset();
        loop {
            let mut open = match association.take() {
                Some(open) => open,
                None => match Association::open(door.open().await.0.dicom).await {
                    Ok(open) => open,
                    Err(_) => continue,
                },
            };
            if let Ok(said) = open.store(&image.sop, &dataset).await {
                assert_eq!(said, Said::Status(0));
                association = Some(open);
                break;
            }
        }
        account.stored(image);
        if door.goes_home(usize::from(number)).await {
            // One that waited here through the last kill has nobody left to let it go.
            drop(association.expect("just used").release().await);
            return;
        }
    }
}
