//! The paperless record: use cases, the web API, jobs. Start with `app` for what the ward does.

pub mod app;
pub mod buckets;
pub mod config;
pub mod desks;
pub mod holders;
pub mod http;
pub mod hub;
pub mod idempotent;
pub mod image_pools;
pub mod jobs;
pub mod kits;
mod network;
pub mod patient_codes;
pub mod pixels;
pub mod secrets;
pub mod security_keys;
mod shapes;
pub mod state;
pub mod text_messages;
pub mod trust;
pub mod upkeep;
pub mod view;
pub mod view_access;
pub mod view_attention;
pub mod view_downtime;
pub mod view_factor;
pub mod view_forms;
pub mod view_late;
pub mod view_orders;
pub mod view_personal;
pub mod view_record;
pub mod view_scans;
pub mod view_security;
pub mod view_terminal;

pub use state::App;
