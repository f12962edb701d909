//! dcmtk's own tools by process: DICOM that others wrote.

use std::net::SocketAddr;
use std::path::Path;
use tokio::process::Command;

/// Debian's, not those that a Python environment may put in front.
const FOLDER: &str = "/usr/bin";

async fn run(tool: &str, options: &[&str], calling: &str, to: SocketAddr, rest: &[&str]) -> (bool, String) {
    let mut command = Command::new(format!("{FOLDER}/{tool}"));
    command.args(options).args(["-v", "-aet", calling, "-aec", "BENHAN"]);
    command.args([to.ip().to_string(), to.port().to_string()]).args(rest);
    let output = command.output().await.unwrap_or_else(|error| panic!("{tool}: {error} (make setup)"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Did it answer, and what was said?
pub async fn echoscu(calling: &str, to: SocketAddr) -> (bool, String) {
    run("echoscu", &[], calling, to, &[]).await
}

/// Stores files in one association.
pub async fn storescu(calling: &str, to: SocketAddr, files: &[&Path]) -> (bool, String) {
    let files: Vec<&str> = files.iter().map(|file| file.to_str().expect("a plain path")).collect();
    run("storescu", &[], calling, to, &files).await
}

/// The modality's worklist, for this accession number.
pub async fn worklist(calling: &str, to: SocketAddr, accession: &str) -> String {
    let keys = [
        format!("AccessionNumber={accession}"),
        "PatientName".to_owned(),
        "PatientID".to_owned(),
        "StudyInstanceUID".to_owned(),
        "(0040,0100)[0].Modality".to_owned(),
    ];
    let options: Vec<&str> = ["-W"].into_iter().chain(keys.iter().flat_map(|key| ["-k", key.as_str()])).collect();
    let (good, text) = run("findscu", &options, calling, to, &[]).await;
    assert!(good, "{text}");
    text
}

/// The value that findscu prints in brackets behind a keyword's tag: `(0010,0020) LO [BN-1]`.
pub fn printed(text: &str, tag: &str) -> Option<String> {
    let lines = text.lines().rev().filter(|line| line.contains(tag));
    let mut values = lines.filter_map(|line| line.split_once('[')?.1.split_once(']').map(|(value, _)| value.trim()));
    values.next().map(str::to_owned)
}
