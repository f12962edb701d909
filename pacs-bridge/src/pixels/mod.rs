//! Pixels and headers for the server: a small HTTP service on an internal address, one bearer token.
//!
//! Who may see an image is decided by the server before it asks here. Native frames are one ranged read;
//! compressed and rendered ones come from a decoding process and are kept on disk for the next reader.

mod cache;
mod frame_source;
mod header;
mod image_attributes;
mod json;
mod reply;
mod routes;
mod service;
mod tls;
mod worker_pool;

pub(crate) use service::Pixels;
pub(crate) use tls::acceptor;
