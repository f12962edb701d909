//! benhan-tests
