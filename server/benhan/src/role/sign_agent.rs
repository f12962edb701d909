//! `benhan sign-agent`: on the computer of somebody who signs with a token of her own. It knows no hospital's data folder.

use crate::say;
use anyhow::{Context, bail, ensure};
use benhan_sign_agent::{Agent, OwnCertificate, Paired, ask, certificate, serve};
use std::fs;
use std::io::{BufRead, Read};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Folder of the pairing and the agent's own certificate; default benhan-sign-agent among this person's data
    #[arg(long, env = "BENHAN_SIGN_AGENT_DIR", global = true)]
    agent_dir: Option<PathBuf>,
    /// The port on 127.0.0.1, as sign_agent_port of the server says
    #[arg(long, default_value_t = 23_443)]
    port: u16,
}

#[derive(clap::Subcommand)]
pub enum What {
    /// Say which server may ask for signatures here; its code is compared with the one that its web app shows
    #[command(after_help = "Example: benhan sign-agent pair --server https://emr.benhvien.lan:8443 --ca-file ca.pem \\
           --module /usr/lib/libvendor-pkcs11.so --code 7KQM-2XRD")]
    Pair {
        /// The server, as this computer's browser reaches it
        #[arg(long)]
        server: String,
        /// The authority of its certificate, where this computer does not believe it: a copy of the server's tls/ca.pem
        #[arg(long)]
        ca_file: Option<PathBuf>,
        /// The PKCS#11 driver of the token's maker
        #[arg(long)]
        module: PathBuf,
        /// The code that the web app shows («Thẻ ký ở máy này»); without it, it is asked for
        #[arg(long)]
        code: Option<String>,
    },
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let dir = match args.agent_dir {
        Some(dir) => dir,
        None => own_folder().context("say where the agent keeps its pairing: --agent-dir")?,
    };
    match args.what {
        None => super::begin(answer(dir, args.port)),
        Some(What::Pair { server, ca_file, module, code }) => {
            super::begin(async move { pair(&dir, &server, ca_file.as_deref(), module, code).await })
        }
    }
}

/// Among the person's own data, as the system has it.
fn own_folder() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = of("LOCALAPPDATA").or_else(|| of("XDG_DATA_HOME"));
    let data = data.or_else(|| of("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("benhan-sign-agent"))
}

async fn pair(
    dir: &Path,
    server: &str,
    ca: Option<&Path>,
    module: PathBuf,
    code: Option<String>,
) -> anyhow::Result<()> {
    ensure!(
        module.is_file(),
        "{} is not there: --module names the PKCS#11 driver of the token's maker",
        module.display()
    );
    let ca = ca.map(|path| fs::read(path).with_context(|| path.display().to_string())).transpose()?;
    let offered = ask(server, ca.as_deref()).await?;
    say::line(&format!("{} ({})", offered.facility, offered.origin));
    let typed = match code {
        Some(code) => code,
        None => typed("Nhập mã mà trang web của bệnh viện hiện ở «Thẻ ký ở máy này»: ")?,
    };
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    if plain(&typed) != plain(&offered.authority.code()) {
        bail!(
            "mã không khớp nên không ghép: xem lại mã trên trang web, và địa chỉ {} có đúng là máy chủ của bệnh viện không",
            offered.origin
        );
    }
    // Made beforehand, so that the browser can be told of it before the first signature.
    let own = certificate(dir).with_context(|| dir.display().to_string())?;
    let (key, origin) = (offered.authority.to_hex(), offered.origin);
    let module = fs::canonicalize(&module).with_context(|| module.display().to_string())?;
    Paired { origin, key, facility: offered.facility, module }.keep(dir)?;
    say::line("Đã ghép máy này với máy chủ.");
    told(&own);
    Ok(())
}

fn typed(question: &str) -> anyhow::Result<String> {
    say::line(question);
    let mut line = String::new();
    std::io::stdin().lock().take(256).read_line(&mut line)?;
    ensure!(!line.trim().is_empty(), "chưa nhập mã nên không ghép");
    Ok(line)
}

/// How the browser comes to believe the agent's certificate.
fn told(own: &OwnCertificate) {
    let file = own.file.display();
    say::line(&format!(
        "Chứng thư của chương trình ký ở máy này: {file}\n  SHA-256 {}\nCho trình duyệt tin chứng thư này một lần:\n  \
         Windows (Chrome, Edge):  certutil -user -addstore Root \"{file}\"\n  \
         Linux (Chrome):          certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n benhan-sign-agent -i \"{file}\"\n  \
         Firefox:                 mở https://127.0.0.1:23443 rồi chấp nhận chứng thư có mã SHA-256 trên",
        own.fingerprint
    ));
}

async fn answer(dir: PathBuf, port: u16) -> anyhow::Result<()> {
    let paired = Paired::read(&dir)?;
    let own = certificate(&dir).with_context(|| dir.display().to_string())?;
    let asked = super::StopAsked::listen()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.with_context(|| format!("127.0.0.1:{port}: is the agent running already?"))?;
    let port = listener.local_addr()?.port();
    let agent = Arc::new(Agent::new(&paired, port)?);
    fs::write(dir.join("port.json"), serde_json::json!({ "https": port }).to_string())?;
    say::line(&format!("Chương trình ký số chạy ở https://127.0.0.1:{port} cho {}. Dừng: Ctrl+C", paired.origin));
    if own.is_new {
        told(&own);
    }
    let shutdown = CancellationToken::new();
    let served = tokio::spawn(serve(agent, listener, own.tls, shutdown.clone()));
    asked.or_ended(&shutdown).await;
    shutdown.cancel();
    served.await.context("the agent")
}
