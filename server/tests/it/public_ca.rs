//! A public certificate authority outside the house, run by openssl, with its web door: responder, list, time stamps.

use benhan_sign::{Certificate, KeyKind, OcspRequest, SigningKey, Subject, authority};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the responder behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// Answers the question before, with that one's nonce.
    Replaying,
    /// Signs by a key that the authority did not appoint.
    Impostor,
    /// Takes the question and says nothing.
    Silent,
    /// An answer that holds for a minute.
    Brief,
    /// Says that it is busy, in HTML.
    Busy,
}

pub struct PublicCa {
    folder: tempfile::TempDir,
    pub url: String,
    pub mood: Mutex<Mood>,
    /// Questions to the responder, and for a time stamp.
    pub asked: AtomicUsize,
    pub stamped: AtomicUsize,
    before: Mutex<Option<Vec<u8>>>,
}

pub fn machine_now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

impl PublicCa {
    pub async fn open() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let folder = tempfile::tempdir().expect("a folder");
        let ca = Self {
            folder,
            url,
            mood: Mutex::new(Mood::Honest),
            asked: AtomicUsize::new(0),
            stamped: AtomicUsize::new(0),
            before: Mutex::new(None),
        };
        ca.write("index.txt", "");
        let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"];
        let named = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA cong cong"];
        let usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        ca.openssl(&[&new[..], &named, &usage].concat());
        ca.certify("responder", 30, "keyUsage=digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n");
        ca.certify("colleague", 30, "keyUsage=digitalSignature\n");
        ca.certify("tsa", 30, "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n");
        let ca = Arc::new(ca);
        tokio::spawn(serve(listener, Arc::clone(&ca)));
        ca
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).expect("a file");
    }

    fn openssl(&self, arguments: &[&str]) {
        openssl(self.folder.path(), arguments);
    }

    /// A key with a certificate of so many days, for openssl.
    fn certify(&self, name: &str, days: u32, extensions: &str) {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key, "-out"];
        self.openssl(&[&new[..], &[&request, "-subj", &format!("/CN={name}")]].concat());
        self.sign(name, days, extensions);
    }

    fn sign(&self, name: &str, days: u32, extensions: &str) {
        self.write("extensions", &format!("basicConstraints=CA:FALSE\n{extensions}"));
        let (request, made, days) = (format!("{name}.csr"), format!("{name}.pem"), days.to_string());
        let sign = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days"];
        self.openssl(&[&sign[..], &[&days, "-extfile", "extensions", "-out", &made]].concat());
    }

    pub fn root(&self) -> Certificate {
        self.certificate("ca")
    }

    pub fn certificate(&self, name: &str) -> Certificate {
        Certificate::from_pem(&std::fs::read(self.path(&format!("{name}.pem"))).expect("a file"))
            .expect("a certificate")
    }

    /// A key of ours with a certificate that names the responder and the list; good in the responder's books.
    pub fn person(&self, name: &str) -> (SigningKey, Certificate) {
        let key = SigningKey::generate(KeyKind::P256).expect("a key");
        let request = authority::certificate_request(&Subject::named(name), &key).expect("a request");
        std::fs::write(self.path("person.csr"), request).expect("a file");
        let (url, usage) = (&self.url, "keyUsage=critical,digitalSignature,nonRepudiation");
        let extensions =
            format!("{usage}\nauthorityInfoAccess=OCSP;URI:{url}/ocsp\ncrlDistributionPoints=URI:{url}/list.crl\n");
        self.sign("person", 300, &extensions);
        let certificate = self.certificate("person");
        self.knows('V', &certificate);
        (key, certificate)
    }

    /// V good, R revoked just now.
    pub fn knows(&self, state: char, certificate: &Certificate) {
        let revoked = if state == 'R' { "260101000000Z,keyCompromise" } else { "" };
        let serial = certificate.serial().to_uppercase();
        self.write("index.txt", &format!("{state}\t491231235959Z\t{revoked}\t{serial}\tunknown\t/CN=person\n"));
    }

    /// A question of somebody else goes before.
    pub fn hears(&self, certificate: &Certificate) {
        let question = OcspRequest::new(certificate, &self.root()).expect("a question").to_der();
        self.before.lock().expect("memory").replace(question);
    }

    pub fn forgets(&self) {
        self.write("index.txt", "");
    }

    /// Its list: of nobody, or of whom the books call revoked.
    pub fn list(&self) -> Vec<u8> {
        self.write("crlnumber", "01\n");
        let config = "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n";
        self.write("ca.cnf", config);
        let keys = ["-keyfile", "ca.key", "-cert", "ca.pem", "-crldays", "7", "-out", "list.pem"];
        self.openssl(&[&["ca", "-config", "ca.cnf", "-gencrl"][..], &keys].concat());
        self.openssl(&["crl", "-in", "list.pem", "-outform", "DER", "-out", "list.crl"]);
        std::fs::read(self.path("list.crl")).expect("a list")
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let mood = *self.mood.lock().expect("a mood");
        let before = self.before.lock().expect("memory").replace(question.to_vec());
        let asked = if mood == Mood::Replaying { before.unwrap_or_default() } else { question.to_vec() };
        std::fs::write(self.path("question.der"), asked).expect("a file");
        let (who, key) = match mood {
            Mood::Impostor => ("colleague.pem", "colleague.key"),
            _ => ("responder.pem", "responder.key"),
        };
        let until = if mood == Mood::Brief { ["-nmin", "1"] } else { ["-ndays", "2"] };
        let answer = ["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", who, "-rkey", key];
        self.openssl(&[&answer[..], &["-reqin", "question.der", "-respout", "answer.der"], &until].concat());
        std::fs::read(self.path("answer.der")).expect("an answer")
    }

    fn stamp(&self, question: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("query.tsq"), question).expect("a file");
        self.write("serial", "01\n");
        let config = "[tsa]\ndefault_tsa=here\n[here]\nserial=serial\ncrypto_device=builtin\n\
            default_policy=1.3.6.1.4.1.55555.1\ndigests=sha256\naccuracy=secs:1\nsigner_digest=sha256\n\
            ess_cert_id_alg=sha256\ness_cert_id_chain=no\n";
        self.write("tsa.cnf", config);
        let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"];
        self.openssl(&[&reply[..], &["-signer", "tsa.pem", "-inkey", "tsa.key"]].concat());
        std::fs::read(self.path("reply.tsr")).expect("a reply")
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let run = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl is installed");
    assert!(run.status.success(), "openssl {}: {}", arguments.join(" "), String::from_utf8_lossy(&run.stderr));
}

async fn serve(listener: TcpListener, ca: Arc<PublicCa>) {
    while let Ok((stream, _)) = listener.accept().await {
        let ca = Arc::clone(&ca);
        tokio::spawn(async move { drop(one(stream, &ca).await) });
    }
}

async fn one(mut stream: TcpStream, ca: &Arc<PublicCa>) -> std::io::Result<()> {
    let (mut read, mut head) = (Vec::new(), None);
    let (path, body) = loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        read.extend_from_slice(&piece[..count]);
        head = head.or_else(|| read.windows(4).position(|four| four == b"\r\n\r\n"));
        let Some(end) = head else { continue };
        let text = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if read.len() >= end + 4 + length.unwrap_or(0) {
            let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
            break (path, read[end + 4..].to_vec());
        }
    };
    let mood = *ca.mood.lock().expect("a mood");
    match path.as_str() {
        "/ocsp" => ca.asked.fetch_add(1, Ordering::Relaxed),
        "/tsa" => ca.stamped.fetch_add(1, Ordering::Relaxed),
        _ => 0,
    };
    if mood == Mood::Silent {
        // Until the other side loses patience.
        let _ = stream.read(&mut [0; 1]).await;
        return Ok(());
    }
    let of = Arc::clone(ca);
    let answer = tokio::task::spawn_blocking(move || match (mood, path.as_str()) {
        (Mood::Busy, _) => b"<html>busy</html>".to_vec(),
        (_, "/ocsp") => of.answer(&body),
        (_, "/tsa") => of.stamp(&body),
        _ => of.list(),
    });
    let answer = answer.await.map_err(std::io::Error::other)?;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    stream.write_all(&[head.as_bytes(), &answer].concat()).await?;
    stream.shutdown().await
}
