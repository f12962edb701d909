//! The executable as an IT person meets it: real processes on free ports, on SQLite and on PostgreSQL.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "stories assert the blunt way")]

mod backups;
mod browser;
mod configuration;
mod first_day;
mod forms;
mod numbers;
mod roles;
mod site;
mod targets;
mod tls;
