//! benhan-dimse
