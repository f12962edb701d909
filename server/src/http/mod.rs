//! The web door: is the request well formed, and who asks? The only place that knows actix and status codes.

mod dicomweb;
mod error;
pub mod events;
mod extract;
mod health;
mod ingest;
mod kit;
mod measure;
pub mod metrics;
pub mod openapi;
mod package;
mod pdf;
pub mod routes;
mod server;
mod site;
mod source;
mod spa;
mod tries;

pub mod api;

pub use server::{Door, serve, serve_at};
