//! Is the program alive (`/healthz`), and may it be given work (`/readyz`)? Asked by systemd, proxies and monitors.

use crate::App;
use crate::app::AppError;
use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};
use serde_json::json;
use std::path::PathBuf;

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

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/healthz", get().to(|| async { HttpResponse::Ok().body("ok") })).route("/readyz", get().to(ready));
}

/// 200 when the database answers and there is room to write; else 503 with what is missing.
async fn ready(app: Data<App>, health: Data<Health>) -> HttpResponse {
    let read = app.db.read::<_, AppError, _>(|conn| Ok(benhan_store::places::facility(conn)?)).await;
    if let Err(error) = &read {
        tracing::error!(%error, "not ready: the database does not answer");
    }
    let room = health.has_room();
    if room == Some(false) {
        tracing::error!("not ready: the volume of the data folder is nearly full");
    }
    let ready = read.is_ok() && room != Some(false);
    let body = json!({ "ready": ready, "database": read.is_ok(), "room": room });
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
