//! benhan-device-gateway
