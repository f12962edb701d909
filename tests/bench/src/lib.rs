//! Load programs for `make bench`. Each prints one line of JSON; `compare.py` starts them and sets the figures side by side.
//!
//! They share no code with what they measure: the messages are written here, byte by byte, and the answers are
//! looked at as another hospital's program would.

pub mod https;
pub mod keys;
pub mod latency;
pub mod mllp;
pub mod oru;
pub mod pace;
