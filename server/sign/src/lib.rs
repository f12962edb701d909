//! benhan-sign
