//! What every request and job may use, handed in once at start.

use crate::hub::Hub;
use crate::secrets::Secrets;
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
    pub settings: Arc<crate::config::Settings>,
    /// Where images are read.
    pub pixels: Arc<crate::pixels::Pixels>,
}
