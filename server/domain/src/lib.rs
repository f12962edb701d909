//! benhan-domain
