//! The sheets as others see them: read back by poppler and qpdf, which share no code with what wrote them.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers assert the blunt way")]

mod care;
mod forms;
mod hostile;
mod kit;
mod nurse;
mod patient;
mod poppler;
mod reading;
mod record;
mod sample;
mod vital;
