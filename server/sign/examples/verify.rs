//! Verifies one file against trusted certificates, as `benhan verify` does.
//!
//! `cargo run -p benhan-sign --example verify -- FILE CA.pem`

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: verify FILE CA.pem";
    let file = fs::read(arguments.next().ok_or(usage)?)?;
    let anchors = fs::read(arguments.next().ok_or(usage)?)?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
    let report = benhan_sign::verify_file(&file, &anchors, now)?;
    std::io::stdout().write_all(report.to_text().as_bytes())?;
    Ok(ExitCode::from(report.exit_code()))
}
