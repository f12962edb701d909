//! A modality for demonstrations.
