//! Decoding and rendering, in a process of its own, because codecs parse hostile bytes: one that crashes or never
//! ends takes only itself along.
//!
//! The process limits itself before the first frame: no descriptor beyond its three pipes, so that it opens neither
//! file nor socket; no byte written to a file; bounded memory and processor time; no core dump. Its parent ends it
//! when a frame takes too long. That is no sandbox: it runs as the bridge's user, and code that took it over could
//! still signal that user's processes or start others. The service's own unit is what confines both.

mod decode;
mod main_loop;
mod native;
mod paint;
pub(crate) mod protocol;
mod voi;

pub use main_loop::decode_worker_main;
pub(crate) use native::frame_bits;
