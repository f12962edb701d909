//! benhan-store
