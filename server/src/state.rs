//! What every request and job may use, handed in once at start.

use crate::app::sealing::{SealKey, Sealer};
use crate::hub::Hub;
use crate::secrets::Secrets;
use benhan_domain::record::Terms;
use benhan_store::Db;
use benhan_store::places::Facility;
use std::sync::Arc;
use tokio::sync::Notify;

/// Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub hub: Arc<Hub>,
    /// Woken after each commit that enqueued work.
    pub jobs: Arc<Notify>,
    pub secrets: Arc<Secrets>,
    pub facility: Arc<Facility>,
    pub renderer: Arc<benhan_render::Renderer>,
    pub trust: Arc<crate::trust::Trust>,
    /// Makes fresh revocation lists.
    pub lists: crate::trust::Lists,
    /// Where keys of signers are that the server does not hold.
    pub holders: Arc<crate::holders::Holders>,
    /// Where people sit who sign with a token in their own terminal.
    pub desks: Arc<crate::desks::Desks>,
    /// What security keys were asked, and where they can be.
    pub security_keys: Arc<crate::security_keys::SecurityKeys>,
    /// Who sends text messages, where the house has somebody.
    pub messages: Option<Arc<crate::text_messages::TextMessages>>,
    /// Codes that patients were sent.
    pub patient_codes: Arc<crate::patient_codes::PatientCodes>,
    /// The facility's seal, where the server holds it.
    pub seal: Option<Arc<SealKey>>,
    pub settings: Arc<crate::config::Settings>,
    /// What the house wants of each signature.
    pub signing: crate::config::Signing,
    /// Who comes from outside, and who needs a second factor.
    pub access: Arc<crate::config::Access>,
    /// By when attacks and breaches are reported.
    pub report_clocks: benhan_domain::security_incident::Clocks,
    /// By when data subjects are answered.
    pub personal_data: Arc<benhan_domain::personal_data::Clocks>,
    /// How long records are kept.
    pub terms: Terms,
    /// What wards work from while the server is away.
    pub kits: Arc<crate::kits::Kits>,
    /// Places of backups in an S3 store.
    pub buckets: Arc<crate::buckets::Buckets>,
    /// Where images are read.
    pub pixels: Arc<crate::pixels::Pixels>,
}

impl App {
    /// What sets the facility's seal, where the server holds it.
    pub fn sealer(&self) -> Option<Sealer> {
        let key = self.seal.as_ref()?;
        Some(Sealer { key: Arc::clone(key), trust: Arc::clone(&self.trust), facility: self.facility.code.clone() })
    }
}
