//! What the integration tests in `it/` build their stories from: hospitals, actors, scripted peers.
//!
//! Not for the programs: nothing outside this crate may depend on it.
