//! An initial password, or a PIN that proves a key: from a file, the environment or the keyboard, never from the command line, which others can list.

use anyhow::{Context, bail, ensure};
use std::io::{IsTerminal, Read};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct InitialPassword {
    /// File whose first line is the initial password; - reads standard input. Without it BENHAN_INITIAL_PASSWORD
    /// is taken, else it is asked for
    #[arg(long)]
    password_file: Option<PathBuf>,
}

const VARIABLE: &str = "BENHAN_INITIAL_PASSWORD";

const PIN_VARIABLE: &str = "BENHAN_SIGNER_PIN";

impl InitialPassword {
    pub fn read(&self, whose: &str) -> anyhow::Result<String> {
        let text = match &self.password_file {
            Some(path) if path.as_os_str() == "-" => {
                let mut text = String::new();
                std::io::stdin().lock().take(4_096).read_to_string(&mut text)?;
                text
            }
            Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
            None => match std::env::var(VARIABLE) {
                Ok(text) => text,
                Err(_) => return ask(whose),
            },
        };
        let password = text.lines().next().unwrap_or_default();
        ensure!(!password.is_empty(), "the initial password is empty");
        Ok(password.to_owned())
    }
}

/// The PIN of a token or a signing service, for one signature. From the variable where nobody sits at the keyboard.
pub fn pin(whose: &str) -> anyhow::Result<String> {
    let pin = match std::env::var(PIN_VARIABLE) {
        Ok(pin) => pin,
        Err(_) if std::io::stdin().is_terminal() => rpassword::prompt_password(format!("Mã PIN của {whose}: "))?,
        Err(_) => bail!("no PIN: nobody sits at the keyboard, and {PIN_VARIABLE} is not set"),
    };
    ensure!(!pin.is_empty(), "the PIN is empty");
    Ok(pin)
}

fn ask(whose: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("no initial password: give --password-file or set {VARIABLE}");
    }
    let first = rpassword::prompt_password(format!("Mật khẩu ban đầu của {whose}: "))?;
    let again = rpassword::prompt_password("Nhập lại: ")?;
    ensure!(first == again, "the two passwords differ");
    Ok(first)
}
