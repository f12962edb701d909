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
    /// Run the record alone; gateway and bridge are processes of their own
    #[command(after_help = "Example: benhan server --data-dir /var/lib/benhan")]
    Server {
        #[command(flatten)]
        place: Place,
    },
    /// Run the device gateway alone: monitors and analyzers
    #[command(
        after_help = "Example: benhan gateway --data-dir /var/lib/benhan-gateway\nIt needs copies of the server's secrets/ingest.token and tls/ca.pem; see `benhan config print --reference`, [uplink]."
    )]
    Gateway {
        #[command(flatten)]
        place: Place,
    },
    /// Run the PACS bridge alone: modalities and images
    #[command(
        after_help = "Example: benhan pacs --data-dir /var/lib/benhan-pacs\nIt needs copies of the server's secrets/ingest.token, secrets/pixels.token and tls/ca.pem; see [uplink] and [pixels]."
    )]
    Pacs {
        #[command(flatten)]
        place: Place,
    },
    /// Sign with the token in this computer what the record's web app, open here, is asked to sign
    #[command(
        name = "sign-agent",
        after_help = "Example: benhan sign-agent pair --server https://emr.benhvien.lan:8443 --ca-file ca.pem \\
           --module /usr/lib/libvendor-pkcs11.so
         benhan sign-agent
Pair once, as the person who sits here; then let it run while she is logged in. It answers on 127.0.0.1 alone."
    )]
    SignAgent(role::sign_agent::Args),
    /// Make a hospital that is no demo
    #[command(
        after_help = "Example: benhan init --data-dir /var/lib/benhan --code 33001 --name 'Bệnh viện Đa khoa Phố Nối' \\\n  --authority 'Sở Y tế Hưng Yên' --ward 'NOI=Khoa Nội tổng hợp:40' --admin-name 'Trần Văn Bình' \\\n  --host emr.benhvien.lan --listen 0.0.0.0:8443 --backup-target /mnt/backup"
    )]
    Init(Box<admin::init::Args>),
    /// Departments, wards and beds
    #[command(after_help = "Example: benhan house add wards.toml")]
    House {
        #[command(subcommand)]
        what: admin::house::What,
    },
    /// Accounts, from the machine itself
    #[command(after_help = "Example: benhan user list")]
    User {
        #[command(subcommand)]
        what: admin::user::What,
    },
    /// Certificates whose keys are on tokens, in a security module or with a signing service
    #[command(after_help = "Example: benhan certificate tokens")]
    Certificate {
        #[command(subcommand)]
        what: admin::certificate::What,
    },
    /// The certificate authorities that this hospital believes
    #[command(after_help = "Example: benhan trust list")]
    Trust {
        #[command(subcommand)]
        what: admin::trust::What,
    },
    /// Bring the database to this program's schema
    #[command(after_help = "Example: benhan migrate --check || benhan backup && benhan migrate")]
    Migrate(admin::migrate::Args),
    /// Move the record to an empty database of the other kind, SQLite to PostgreSQL or back, while the server is stopped
    #[command(after_help = "Example: systemctl stop benhan
         benhan move --data-dir /var/lib/benhan --to postgres://benhan:PASSWORD@db.lan/benhan
         benhan move --data-dir /var/lib/benhan --to sqlite:/var/lib/benhan/record.db
The old database stays; until the last step it is the one that is served, and a move that was ended may be begun again.")]
    Move(admin::moving::Args),
    /// The configuration: try it, print it
    #[command(after_help = "Example: benhan config check")]
    Config {
        #[command(subcommand)]
        what: admin::config::What,
    },
    /// Who may do what: the policy as a table
    #[command(after_help = "Example: benhan policy --csv > bang-quyen.csv")]
    Policy(admin::policy::Args),
    /// Check a record package, a signed PDF or an audit export, without server or database; or a data folder or a
    /// backup, with every archived record's manifest
    #[command(after_help = "Example: benhan verify ho-so.zip --ca ca.pem
         benhan verify data --trust data/trust/ca.pem
Exits 0 only when everything holds and the signers are trusted.")]
    Verify(admin::verify::Args),
    /// The forms of the record: list them, try the hospital's own, print them blank
    #[command(after_help = "Example: benhan forms check --data-dir /var/lib/benhan")]
    Forms {
        #[command(subcommand)]
        what: admin::forms::What,
    },
    /// The downtime kit of a ward, fetched by a computer of that ward
    #[command(after_help = "Example: benhan downtime fetch --server https://emr.benhvien.lan:8443 --ca-file ca.pem \\
           --ward NOI --token-file kit.token --to /srv/du-phong")]
    Downtime {
        #[command(subcommand)]
        what: admin::downtime::What,
    },
    /// Write one stay as a package that proves itself: sheets, data, signatures, HoSoBenhAn, audit proofs
    #[command(
        after_help = "Example: benhan export 26.000123 --data-dir data --out ho-so.zip --ground 'Yêu cầu của người bệnh, đơn số 12/2026'"
    )]
    Export(admin::export::Args),
    /// Hand over everything: each table as JSON lines, sheets, scans and images as files, with a data dictionary
    #[command(
        name = "export-all",
        after_help = "Example: benhan export-all --data-dir /var/lib/benhan --to /media/ban-giao \
  --ground 'Hết hợp đồng số 12/2026, biên bản bàn giao số 3'
What it writes is not encrypted. Secrets are not in it."
    )]
    ExportAll(admin::export_all::Args),
    /// Take a handover into an empty data folder and database, and prove that it says the same
    #[command(
        name = "import-all",
        after_help = "Example: benhan import-all /media/ban-giao --into /var/lib/benhan2
         benhan import-all /media/ban-giao --into /var/lib/benhan2 --database-url postgres://benhan:PASSWORD@db.lan/benhan"
    )]
    ImportAll(admin::import_all::Args),
    /// Write the annex to the hospital's rules of its electronic record (phụ lục quy chế), from the program as it is set
    #[command(after_help = "Example: benhan rules --data-dir data --out quy-che.pdf")]
    Rules(admin::rules::Args),
    /// Write the self-assessment that a hospital files when its record becomes electronic, as PDF/A
    #[command(after_help = "Example: benhan dossier --data-dir data --out ho-so-tu-danh-gia.pdf")]
    Dossier(admin::dossier::Args),
    /// Write the audit trail, with its signed heads, as JSON lines
    #[command(
        after_help = "Example: benhan audit export --data-dir data > audit.jsonl && benhan verify audit.jsonl --trust data/trust/ca.pem"
    )]
    Audit {
        #[command(subcommand)]
        what: admin::audit::What,
    },
    /// Copy record, images and spool while they are used, checked after they are written
    #[command(after_help = "Example: benhan backup --data-dir data --to /mnt/backup")]
    Backup(admin::backup::Args),
    /// The places that hold a copy of the records' keys; forget one that is lost, so that no destruction waits for it
    #[command(
        after_help = "Example: benhan forget-target\n         benhan forget-target /mnt/usb-3 --reason 'Ổ hỏng, đã nghiền ngày 05/01/2027, biên bản 3/BB'"
    )]
    ForgetTarget(admin::forget_target::Args),
    /// Put a backup into an empty folder, after checking it
    #[command(after_help = "Example: benhan restore /mnt/backup/benhan-20261122T013000Z --into data2")]
    Restore(admin::restore::Args),
    /// Prove that the newest backup can be restored: put it beside the data, check everything in it, file the minutes
    #[command(after_help = "Example: benhan drill --data-dir /var/lib/benhan
         benhan drill --from /mnt/backup/benhan-20261122T013000Z --identity /media/safe/backup.key
Exits 0 only when everything was restored and holds; the minutes are in DATA_DIR/drills either way.")]
    Drill(admin::drill::Args),
    /// Print the OpenAPI document of the server's API
    #[command(after_help = "Example: benhan openapi > openapi.json")]
    Openapi,
    /// Devices: how what one sent is read
    #[command(after_help = "Example: benhan device read phien.bin --json")]
    Device {
        #[command(subcommand)]
        what: admin::device::What,
    },
    /// Device profiles: what is known of each model of monitor and analyzer
    #[command(
        after_help = "Example: benhan profile new --from phien.bin > may-moi.toml && benhan profile lint may-moi.toml"
    )]
    Profile {
        #[command(subcommand)]
        what: admin::profile::What,
    },
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
        Command::Server { place } => role::server::run(&place).map(|()| ExitCode::SUCCESS),
        Command::Gateway { place } => role::gateway::run(&place).map(|()| ExitCode::SUCCESS),
        Command::Pacs { place } => role::pacs::run(&place).map(|()| ExitCode::SUCCESS),
        Command::SignAgent(args) => role::sign_agent::run(args).map(|()| ExitCode::SUCCESS),
        Command::Init(args) => admin::init::run(&args).map(|()| ExitCode::SUCCESS),
        Command::House { what } => admin::house::run(what).map(|()| ExitCode::SUCCESS),
        Command::User { what } => admin::user::run(what).map(|()| ExitCode::SUCCESS),
        Command::Certificate { what } => admin::certificate::run(what).map(|()| ExitCode::SUCCESS),
        Command::Trust { what } => admin::trust::run(what).map(|()| ExitCode::SUCCESS),
        Command::Migrate(args) => admin::migrate::run(&args),
        Command::Move(args) => admin::moving::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Config { what } => admin::config::run(what),
        Command::Policy(args) => admin::policy::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => admin::verify::run(&args),
        Command::Forms { what } => admin::forms::run(what),
        Command::Downtime { what } => admin::downtime::run(what).map(|()| ExitCode::SUCCESS),
        Command::Export(args) => admin::export::run(&args).map(|()| ExitCode::SUCCESS),
        Command::ExportAll(args) => admin::export_all::run(&args).map(|()| ExitCode::SUCCESS),
        Command::ImportAll(args) => admin::import_all::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Rules(args) => admin::rules::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Dossier(args) => admin::dossier::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Audit { what } => admin::audit::run(what).map(|()| ExitCode::SUCCESS),
        Command::Backup(args) => admin::backup::run(&args).map(|()| ExitCode::SUCCESS),
        Command::ForgetTarget(args) => admin::forget_target::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Restore(args) => admin::restore::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Drill(args) => admin::drill::run(&args),
        Command::Openapi => {
            say::line(&benhan_server::http::routes::openapi().to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Device { what } => admin::device::run(what),
        Command::Profile { what } => admin::profile::run(what),
        Command::Simulate { what } => admin::simulate::run(what).map(|()| ExitCode::SUCCESS),
        Command::DecodeWorker => Ok(admin::decode_worker::run()),
    }
}
