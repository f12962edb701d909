//! benhan-device-codec
