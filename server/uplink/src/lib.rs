//! benhan-uplink
