//! Use cases, one file a procedure of the ward: may they, and what happens. One use case is one transaction.

pub mod accounts;
pub mod administration;
pub mod admission;
pub mod archive;
pub mod attention;
pub mod board;
pub mod certificates;
pub mod charting;
pub mod confirmations;
pub mod destruction;
pub mod emergency;
pub mod error;
pub mod export;
pub mod forms;
pub mod hours;
pub mod incidents;
pub mod ingest;
pub mod late;
pub mod letterhead;
pub mod life;
pub mod lookups;
pub mod matching;
pub mod notes;
pub mod orders;
pub mod patients;
pub mod policy;
pub mod requests;
pub mod results;
pub mod sealing;
pub mod signing;
pub mod studies;
pub mod timeline;
pub mod trail;
pub mod trusting;

pub use error::AppError;
