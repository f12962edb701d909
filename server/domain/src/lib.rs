//! Facts and rules of the hospital: what is true of the values, whoever asks and wherever they are kept.
//!
//! Deliberately absent: IO, a clock, randomness, the database, the web. Time and new ids are handed in.
//! Read [`vitals`] and [`news2`] for the ward's arithmetic, [`access`] for who may do what.

#[macro_use]
mod words;

pub mod access;
pub mod access_hours;
pub mod attention;
pub mod audit;
pub mod certificate;
pub mod downtime;
pub mod emergency;
pub mod encounter;
pub mod form;
pub mod house_decision;
pub mod id;
pub mod identifier;
pub mod identity;
pub mod it_incident;
pub mod lab;
pub mod news2;
pub mod observation;
pub mod order;
pub mod paper_scan;
pub mod password;
pub mod patient_signature;
pub mod person;
pub mod personal_data;
pub mod policy_table;
pub mod record;
pub mod restriction;
pub mod second_factor;
pub mod security_incident;
pub mod shared_login;
pub mod text;
pub mod time;
pub mod treatment;
pub mod update_limit;
pub mod vitals;
