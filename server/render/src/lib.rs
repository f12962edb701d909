//! The sheets of the record as PDF/A: a form's definition and Typst template are data (`server/forms`), the values
//! come as JSON or as one of the typed documents here, and what comes out is bytes to be signed.
//!
//! Nothing here signs, stores or decides who may print; templates reach no file, network or clock of the machine.
//! Rendering is plain CPU work of milliseconds a page: run it on a blocking thread, a few at a time.

mod attachment;
mod care_sheet;
mod catalogue;
mod embedded;
mod error;
mod fonts;
mod form_sheet;
pub mod forms;
mod glyphs;
mod kit;
mod kit_world;
mod letterhead;
mod limits;
mod local_time;
mod lock;
mod number;
mod patient_mark;
mod pdf;
mod printable;
mod reading_copy;
mod renderer;
mod signature;
mod vital_chart;
mod world;

pub use attachment::{Attachment, Relationship};
pub use care_sheet::{CareColumn, CareCorrection, CareEntry, CareSheet};
pub use catalogue::Listed;
pub use error::{Confidential, FormError, RenderError};
pub use form_sheet::{Amendment, FormSheet, PaperPrint};
pub use glyphs::uncovered;
pub use kit::{Kit, KitOrder, KitPatient, KitResult, KitScore};
pub use letterhead::{DocumentRef, Letterhead, Patient};
pub use limits::Limits;
pub use lock::{NotLocked, lock};
pub use patient_mark::PatientMark;
pub use pdf::Pdf;
pub use printable::OnUncovered;
pub use reading_copy::ReadingCopy;
pub use renderer::Renderer;
pub use signature::SignatureMark;
pub use vital_chart::{Readings, Source, VitalChart, VitalCorrection, VitalItem, VitalSet};
