//! Decoding and rendering, in a process of its own: codecs parse hostile bytes, so they get no files, no
//! network, bounded memory, and a parent that ends them when they take too long.

mod decode;
mod main_loop;
mod native;
mod paint;
pub(crate) mod protocol;
mod voi;

pub use main_loop::decode_worker_main;
pub(crate) use native::frame_bits;
