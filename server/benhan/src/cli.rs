//! The command line. Each command answers `--help` with an example.

use crate::{admin, role, say};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "benhan",
    version,
    about = "Bệnh án: the paperless hospital record, with its device gateway and PACS bridge"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the data is and what the hospital set.
#[derive(Args, Clone)]
pub struct Place {
    /// Folder of the database, keys, images and logs
    #[arg(long, env = "BENHAN_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Configuration file; default DATA_DIR/benhan.toml where there is one
    #[arg(long, env = "BENHAN_CONFIG")]
    pub config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run server, gateway and bridge together on this box
    #[command(after_help = "Example: benhan serve --demo --data-dir ./data")]
    Serve {
        #[command(flatten)]
        place: Place,
        /// A small hospital with synthetic patients and simulated devices, on loopback only
        #[arg(long)]
        demo: bool,
    },
    /// Check a signed PDF or an audit export, without server or database
    #[command(
        after_help = "Example: benhan verify phieu.pdf --trust data/trust/ca.pem\nExits 0 only when everything holds and the signers are trusted."
    )]
    Verify(admin::verify::Args),
    /// Write the audit trail, with its signed heads, as JSON lines
    #[command(
        after_help = "Example: benhan audit export --data-dir data > audit.jsonl && benhan verify audit.jsonl --trust data/trust/ca.pem"
    )]
    Audit {
        #[command(subcommand)]
        what: admin::audit::What,
    },
    /// Copy the record while it runs (SQLite), checked after it is written
    #[command(after_help = "Example: benhan backup --data-dir data --to /mnt/backup")]
    Backup(admin::backup::Args),
    /// Put a backup into an empty folder, after checking it
    #[command(after_help = "Example: benhan restore /mnt/backup/benhan-20261122T013000Z --into data2")]
    Restore(admin::restore::Args),
    /// Print the OpenAPI document of the server's API
    #[command(after_help = "Example: benhan openapi > openapi.json")]
    Openapi,
    /// Start a simulated device by hand
    #[command(after_help = "Example: benhan simulate monitor --to 127.0.0.1:2575 --ward NOI --room 301 --bed G01")]
    Simulate {
        #[command(subcommand)]
        what: admin::simulate::What,
    },
    /// Decode one image for the bridge; reads and answers on its standard streams
    #[command(hide = true)]
    DecodeWorker,
}

pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve { place, demo } => role::serve::run(&place, demo).map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => admin::verify::run(&args),
        Command::Audit { what } => admin::audit::run(what).map(|()| ExitCode::SUCCESS),
        Command::Backup(args) => admin::backup::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Restore(args) => admin::restore::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Openapi => {
            say::line(&benhan_server::http::routes::openapi().to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Simulate { what } => admin::simulate::run(what).map(|()| ExitCode::SUCCESS),
        Command::DecodeWorker => Ok(admin::decode_worker::run()),
    }
}
