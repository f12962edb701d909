//! benhan-server
