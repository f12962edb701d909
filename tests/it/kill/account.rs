//! What the peers were told is safe, held against what is there.

use super::peers::Ward;
use super::signed::Signed;
use benhan_tests::image::{Image, dataset_of};
use benhan_tests::{Actor, TestHospital, eventually};
use jiff::Timestamp;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

#[derive(Clone, Default)]
pub struct Account {
    safe: Arc<Mutex<Safe>>,
    sheets: watch::Sender<usize>,
}

#[derive(Clone, Default)]
struct Safe {
    /// Stay → set and its time.
    entered: BTreeMap<String, BTreeMap<String, Timestamp>>,
    signed: Signed,
    /// Bed → times of cuff pressures.
    measured: BTreeMap<&'static str, BTreeSet<Timestamp>>,
    tubes: BTreeSet<String>,
    images: Vec<Image>,
}

/// How much of each kind: sets, signatures, sheets, measurements, tubes, images.
#[derive(Debug)]
pub struct Totals([usize; 6]);

impl Totals {
    pub fn has_grown_since(&self, mark: &Self) -> bool {
        // A nurse who has closed a round has its signatures and its sheet at once.
        self.0.iter().zip(&mark.0).zip([4, 1, 1, 4, 2, 8]).all(|((now, then), by)| *now >= then + by)
    }
}

impl Account {
    fn safe(&self) -> std::sync::MutexGuard<'_, Safe> {
        self.safe.lock().unwrap()
    }

    pub fn entered(&self, stay: &str, set: &str, at: Timestamp) {
        let twice = self.safe().entered.entry(stay.to_owned()).or_default().insert(set.to_owned(), at);
        assert_eq!(twice, None, "two entries were answered with one set");
    }

    pub fn signed(&self, set: String) {
        self.safe().signed.set(set);
    }

    pub fn sheet(&self, document: &str, version: i64) {
        self.safe().signed.sheet(document, version);
    }

    /// The nurse has the sheet in her hands.
    pub fn copy(&self, document: &str, version: i64, pdf: &[u8]) {
        self.safe().signed.copy(document, version, pdf);
        self.sheets.send_modify(|sheets| *sheets += 1);
    }

    /// How many, for whoever waits for the next one.
    pub fn sheets_in_hand(&self) -> watch::Receiver<usize> {
        self.sheets.subscribe()
    }

    pub fn measured(&self, bed: &'static str, at: Timestamp) {
        self.safe().measured.entry(bed).or_default().insert(at);
    }

    pub fn analyzed(&self, barcode: String) {
        self.safe().tubes.insert(barcode);
    }

    pub fn stored(&self, image: Image) {
        self.safe().images.push(image);
    }

    pub fn totals(&self) -> Totals {
        let safe = self.safe();
        let entered = safe.entered.values().map(BTreeMap::len).sum();
        let measured = safe.measured.values().map(BTreeSet::len).sum();
        let [signatures, sheets] = safe.signed.totals();
        Totals([entered, signatures, sheets, measured, safe.tubes.len(), safe.images.len()])
    }

    /// Everything acknowledged is there once. At the `end` nothing else is, sheets prove themselves and images are read
    /// whole.
    pub async fn assert_kept(&self, hospital: &TestHospital, ward: &Ward, end: bool) {
        let safe = self.safe().clone();
        let viet = hospital.login("viet").await;
        safe.entries(&viet, end).await;
        let entered = safe.entered.values().flat_map(BTreeMap::keys).collect();
        safe.signed.assert_kept(&viet, hospital, &entered).await;
        safe.measurements(&viet, ward, end).await;
        safe.tubes(hospital).await;
        safe.images(hospital);
        if end {
            safe.signed.assert_proved(&viet, hospital).await;
            safe.images_are_read_back(&viet, ward).await;
        }
    }
}

fn time(set: &serde_json::Value) -> Timestamp {
    set["effectiveAt"].as_str().unwrap().parse().unwrap()
}

impl Safe {
    async fn entries(&self, viet: &Actor, end: bool) {
        for (stay, sets) in &self.entered {
            let first = sets.values().min().unwrap();
            let charted: Vec<_> = viet.chart(stay).await.into_iter().filter(|set| time(set) >= *first).collect();
            for (set, at) in sets {
                let found: Vec<_> = charted.iter().filter(|charted| time(charted) == *at).collect();
                assert_eq!(found.len(), 1, "the entry of {at}");
                assert_eq!(found[0]["id"], set.as_str());
                let signed = found[0]["signature"].is_object();
                assert!(signed || !self.signed.has(set), "the signature of {at} is gone");
            }
            // Under way: at most one a nurse and stay, whose answer was cut off.
            let more = charted.len() - sets.len();
            assert!(more <= usize::from(!end), "{more} entries that nobody made");
        }
    }

    /// These travel through the spool: acknowledged to the monitor, they may reach the chart a moment later.
    async fn measurements(&self, viet: &Actor, ward: &Ward, end: bool) {
        for (bed, stay) in &ward.monitored {
            let Some(times) = self.measured.get(bed) else { continue };
            let charted = eventually("the acknowledged measurements are on the chart", async || {
                let sets = viet.chart(stay).await;
                let charted: Vec<_> = sets.iter().filter(|set| set["source"] == "device").map(time).collect();
                times.iter().all(|at| charted.contains(at)).then_some(charted)
            })
            .await;
            let once: BTreeSet<_> = charted.iter().copied().collect();
            assert_eq!(charted.len(), once.len(), "a measurement is charted twice");
            let more = once.len() - times.len();
            assert!(more <= usize::from(!end), "{more} measurements that no monitor was told about");
        }
    }

    async fn tubes(&self, hospital: &TestHospital) {
        let arrived = eventually("the acknowledged tubes have arrived", async || {
            let sql = "SELECT specimen FROM inbox WHERE specimen LIKE 'KILL%' ORDER BY specimen";
            let arrived = hospital.database.query(sql);
            self.tubes.iter().all(|tube| arrived.binary_search(tube).is_ok()).then_some(arrived)
        })
        .await;
        let mut once = arrived.clone();
        once.dedup();
        assert_eq!(arrived, once, "a tube has arrived twice");
    }

    /// In the bridge's journal, each once, with its file.
    fn images(&self, hospital: &TestHospital) {
        let journal = benhan_tests::database::Database::Sqlite(hospital.data("pacs/journal.db"));
        let stored = journal.query("SELECT sop_uid FROM instance ORDER BY sop_uid");
        let mut once = stored.clone();
        once.dedup();
        assert_eq!(stored, once, "an image is stored twice");
        for image in &self.images {
            assert!(stored.binary_search(&image.sop).is_ok(), "image {} is gone", image.sop);
        }
    }

    async fn images_are_read_back(&self, viet: &Actor, ward: &Ward) {
        for first in &ward.studies {
            let mine: Vec<&Image> = self.images.iter().filter(|image| image.study == first.study).collect();
            let path = format!("/dicom-web/studies/{}/instances", first.study);
            eventually("the whole study is on the chart", async || {
                let answer = viet.get(&path).await;
                let found = if answer.status == 200 { answer.ok() } else { return None };
                let found = found.as_array()?.len();
                assert!(found <= mine.len(), "{found} instances of {} images", mine.len());
                (found == mine.len()).then_some(())
            })
            .await;
            for image in mine {
                let path =
                    format!("/dicom-web/studies/{}/series/{}/instances/{}", image.study, image.series, image.sop);
                let request = viet.request(Method::GET, &path).header("Accept", "application/dicom");
                let stored = Actor::send(request).await.unwrap().bytes();
                assert!(dataset_of(&stored) == image.dataset(), "{} came back changed", image.sop);
            }
        }
    }
}
