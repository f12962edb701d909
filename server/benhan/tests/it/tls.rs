//! The hospital's own authority signs the server's certificate, beforehand or on request; OpenSSL plays it.

use crate::browser::Browser;
use crate::site::{ADMIN, INITIAL, On, Site, text};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::path::Path;
use std::process::Command;

const HOST: &str = "emr.benhvien.lan";

/// The authority of a hospital that has one.
fn authority(into: &Path) -> Issuer<'static, KeyPair> {
    let key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "CA nội bộ bệnh viện");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    std::fs::write(into, ca.self_signed(&key).expect("a CA").pem()).expect("a file");
    Issuer::new(ca, key)
}

fn certificate_for(host: &str, issuer: &Issuer<'static, KeyPair>, site: &Site) {
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec![host.to_owned(), "localhost".to_owned()]).expect("names");
    let leaf = leaf.signed_by(&key, issuer).expect("a certificate");
    std::fs::write(site.path("server.pem"), leaf.pem()).expect("a file");
    std::fs::write(site.path("server.key"), key.serialize_pem()).expect("a file");
}

fn from_files(site: &Site, host: &str) -> crate::site::Ended {
    let [certificate, key, ca] = ["server.pem", "server.key", "ca.pem"].map(|f| site.path(f));
    let files =
        ["--tls", "files", "--tls-certificate", text(&certificate), "--tls-key", text(&key), "--tls-ca", text(&ca)];
    site.init(&[files.as_slice(), &["--host", host]].concat())
}

// Clauses: CV-III.1.3c
#[tokio::test]
async fn a_certificate_from_files_serves_browsers_and_devices_alike() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    let issuer = authority(&site.path("ca.pem"));
    certificate_for("another.lan", &issuer, &site);
    assert!(from_files(&site, HOST).failed().contains(HOST), "a certificate for another name is refused beforehand");
    certificate_for(HOST, &issuer, &site);
    from_files(&site, HOST).ok();
    let running = site.serve();
    let mut admin = Browser::new(running.port("https"), &site.path("ca.pem"));
    admin.log_in(ADMIN, INITIAL).await.ok();
    // No name service knows the host: the gateway in this process reaches the server all the same.
    crate::roles::a_monitor_sends(running.port("mllp")).await;
    crate::numbers::until(running.port("metrics"), "benhan_ingest_deliveries_total", |n| n >= 1.0).await;
    assert!(running.stop());
}

#[tokio::test]
async fn a_hospital_whose_request_is_not_signed_yet_waits_for_it() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    let made = site.init(&["--tls", "csr", "--host", HOST, "--host", "localhost"]).json();
    assert_eq!(made["ready"], false);
    assert!(site.run(&["serve"]).failed().contains("tls/server.csr"), "it says what is missing");

    let issuer = authority(&site.data("tls/ca.pem"));
    std::fs::write(site.path("ca.key"), issuer.key().serialize_pem()).expect("a file");
    let files =
        [site.data("tls/server.csr"), site.data("tls/ca.pem"), site.path("ca.key"), site.data("tls/server.pem")];
    let [request, ca, key, signed] = files.each_ref().map(|f| text(f));
    let signed = Command::new("openssl")
        .args(["x509", "-req", "-days", "30", "-copy_extensions", "copyall"])
        .args(["-in", request, "-CA", ca, "-CAkey", key, "-out", signed])
        .output()
        .expect("openssl runs");
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    let running = site.serve();
    let mut admin = Browser::new(running.port("https"), &site.data("tls/ca.pem"));
    admin.log_in(ADMIN, INITIAL).await.ok();
    assert!(running.stop());
}
