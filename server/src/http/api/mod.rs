//! One resource a file: shapes come in, one use case runs, its view goes out.

pub mod access_hours;
pub mod accounts;
pub mod administration;
pub mod attention;
pub mod confirmations;
pub mod destruction;
pub mod documents;
pub mod emergency;
pub mod encounters;
pub mod forms;
pub mod house_decisions;
pub mod incidents;
pub mod notes;
pub mod orders;
pub mod paper;
pub mod patients;
pub mod policy;
pub mod records;
pub mod requests;
pub mod results;
pub mod sessions;
pub mod signers;
pub mod studies;
pub mod vitals;
pub mod waiting;
pub mod wards;
