//! Is the program alive (`/healthz`), and may it be given work (`/readyz`)? Asked by systemd, proxies and monitors.

use crate::App;
use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};
use benhan_store::StoreError;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

pub struct Health {
    data_dir: Option<PathBuf>,
    min_free: u64,
}

impl Health {
    pub fn new(data_dir: Option<PathBuf>, min_free_mib: u64) -> Self {
        Self { data_dir, min_free: min_free_mib.saturating_mul(1 << 20) }
    }

    /// Nothing where nobody looks; a volume that cannot be asked has no room.
    fn has_room(&self) -> Option<bool> {
        let folder = self.data_dir.as_ref()?;
        let free = rustix::fs::statvfs(folder).map_or(0, |v| v.f_bavail.saturating_mul(v.f_frsize));
        Some(free >= self.min_free)
    }
}

/// As long as a monitor waits for an answer.
const PATIENCE: Duration = Duration::from_secs(4);

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/healthz", get().to(|| async { HttpResponse::Ok().body("ok") })).route("/readyz", get().to(ready));
}

/// 200 when the database takes writes and there is room to write; else 503 with what is missing.
async fn ready(app: Data<App>, health: Data<Health>) -> HttpResponse {
    // A reader may answer while a writer has lost its connection: the writers are asked.
    let writes = tokio::time::timeout(PATIENCE, app.db.writable()).await.unwrap_or(Err(StoreError::Closed));
    if let Err(error) = &writes {
        tracing::error!(%error, "not ready: the database takes no writes");
    }
    let room = health.has_room();
    if room == Some(false) {
        tracing::error!("not ready: the volume of the data folder is nearly full");
    }
    let ready = writes.is_ok() && room != Some(false);
    let body = json!({ "ready": ready, "database": writes.is_ok(), "room": room });
    if ready { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_without_the_room_asked_for_is_not_ready() {
        let here = Some(std::env::temp_dir());
        assert_eq!(Health::new(here.clone(), 0).has_room(), Some(true));
        assert_eq!(Health::new(here, u64::MAX >> 20).has_room(), Some(false));
        assert_eq!(Health::new(Some("/no/such/folder".into()), 1).has_room(), Some(false));
        assert_eq!(Health::new(None, 1).has_room(), None);
    }
}
