//! Use cases as the ward lives them: a whole server without its network, and its DICOMweb door with a scripted bridge.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "stories assert the blunt way, and say what they skip"
)]

mod attention;
mod control_characters;
mod dicomweb;
mod door;
mod house;
mod images;
mod laboratory;
mod looks;
mod monitors;
mod openapi;
mod rounds;
mod terminals;
mod upkeep;
mod waiting;
