//! One place in a store, with what reaches it.

use crate::place::Place;
use crate::trouble::Trouble;
use reqwest::{Client, Url};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rusty_s3::{Credentials, UrlStyle};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// Who may not be reached at all is known soon.
const CONNECT: Duration = Duration::from_secs(10);

/// How a store is reached, and by whose key.
#[derive(Clone, Debug)]
pub struct Store {
    pub endpoint: String,
    pub region: String,
    /// The bucket in the path, not in the host's name.
    pub path_style: bool,
    pub access_key: String,
    pub secret_key: SecretString,
    /// PEM. Not used for http://, which leaves no machine.
    pub authorities: Vec<u8>,
}

/// A place that can be asked. It blocks: it belongs off the async threads.
pub struct Bucket {
    pub(crate) http: Client,
    pub(crate) at: rusty_s3::Bucket,
    pub(crate) credentials: Credentials,
    pub(crate) place: Place,
    pub(crate) patience: Duration,
    stop: CancellationToken,
    /// Taken when it is dropped, which may happen on an async thread.
    runtime: Option<Runtime>,
}

impl Store {
    /// What can be told of the settings without asking the store.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn check(&self) -> Result<(), Trouble> {
        self.client(&address(&self.endpoint)?).map(drop)
    }

    /// Nothing is asked yet. When `stop` is cancelled whatever is under way ends with [`Trouble::Stopped`].
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn open(&self, place: &Place, stop: CancellationToken) -> Result<Bucket, Trouble> {
        let endpoint = address(&self.endpoint)?;
        let http = self.client(&endpoint)?;
        let style = if self.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let at = rusty_s3::Bucket::new(endpoint, style, place.bucket().to_owned(), self.region.clone());
        let at = at.map_err(|error| Trouble::Address(error.to_string()))?;
        let credentials = Credentials::new(self.access_key.clone(), self.secret_key.expose_secret());
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("benhan-s3").enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::Client(error.to_string()))?;
        let (place, patience, runtime) = (place.clone(), crate::call::PATIENCE, Some(runtime));
        Ok(Bucket { http, at, credentials, place, patience, stop, runtime })
    }

    fn client(&self, endpoint: &Url) -> Result<Client, Trouble> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&self.authorities) {
            let certificate = certificate.map_err(|error| Trouble::Authority(error.to_string()))?;
            // A system's bundle may hold one that is not understood.
            let _not_every_one_counts = roots.add(certificate);
        }
        if roots.is_empty() && endpoint.scheme() == "https" {
            return Err(Trouble::Authority("it holds no certificate".into()));
        }
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Trouble::Client(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT)
            // A signed request goes where it was signed for, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("benhan/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Trouble::Client(error.to_string()))
    }
}

impl Bucket {
    /// Waits for each answer no longer than this.
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The whole key of what this place calls so.
    pub(crate) fn key(&self, name: &str) -> Result<String, Trouble> {
        // A URL would lead `..` elsewhere, and an empty name to the bucket itself.
        let fine = !name.is_empty() && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if fine {
            Ok(format!("{}{name}", self.place.before()))
        } else {
            Err(Trouble::Nonsense("a name that leads elsewhere"))
        }
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        let runtime = self.runtime.as_ref().ok_or(Trouble::Stopped)?;
        runtime.block_on(async {
            tokio::select! {
                () = self.stop.cancelled() => Err(Trouble::Stopped),
                done = work => done,
            }
        })
    }

    /// After it was told to stop nothing is asked any more but what tidies up.
    pub(crate) fn last<T>(&self, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        let patience = Duration::from_secs(5);
        let runtime = self.runtime.as_ref().ok_or(Trouble::Stopped)?;
        runtime.block_on(async { tokio::time::timeout(patience, work).await.unwrap_or(Err(Trouble::Stopped)) })
    }
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({})", self.place)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The store is on this machine: nothing leaves it.
pub fn is_here(endpoint: &str) -> bool {
    address(endpoint).is_ok_and(|url| here(&url))
}

fn here(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn address(text: &str) -> Result<Url, Trouble> {
    let bad = || Trouble::Address(if text.is_empty() { "it is not set".into() } else { text.to_owned() });
    let url = Url::parse(text).map_err(|_| bad())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    match url.scheme() {
        "https" if plain && url.host_str().is_some() => Ok(url),
        "http" if plain && here(&url) => Ok(url),
        _ => Err(Trouble::Address("https only, and no key in it".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_machine_goes_by_tls() {
        for fine in ["https://s3.example.vn", "https://s3.example.vn:9000/", "http://127.0.0.1:9000", "http://[::1]:9/"]
        {
            assert!(address(fine).is_ok(), "{fine}");
        }
        for bad in [
            "",
            "http://s3.example.vn",
            "ftp://127.0.0.1",
            "s3.example.vn",
            "https://a:b@s3.example.vn",
            "http://127.0.0.1.evil.vn",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
        let refused = address("https://key:hidden@s3.example.vn").expect_err("refused").to_string();
        assert!(!refused.contains("hidden"), "{refused}");
    }
}
