//! The child process that decodes images for the bridge, with limits that it sets itself.

use std::process::ExitCode;

pub fn run() -> ExitCode {
    let code = benhan_pacs_bridge::decode_worker_main(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
