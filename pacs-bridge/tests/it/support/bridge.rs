//! A bridge in this process, in a folder of its own.

use benhan_keys::{Keyring, opened_with};
use benhan_pacs_bridge::{BridgeConfig, Network, PeerConfig, Right, Running, WorklistCharset, start, write_plain};
use hyper::StatusCode;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub struct TestBridge {
    pub running: Running,
    pub folder: TempDir,
    pub shutdown: CancellationToken,
}

/// Defaults for tests: free ports, known peers, short times.
fn config(folder: &Path) -> BridgeConfig {
    let peer = |title: &str, rights: &[Right], charset| PeerConfig {
        ae_title: title.into(),
        addresses: vec![Network::parse("127.0.0.1").unwrap()],
        rights: rights.to_vec(),
        charset,
    };
    let all = [Right::Echo, Right::Store, Right::Worklist];
    BridgeConfig {
        data_dir: folder.to_owned(),
        key_store: folder.join("keys.db"),
        master_key: folder.join("master.key"),
        listen: "127.0.0.1:0".parse().unwrap(),
        pixels_listen: "127.0.0.1:0".parse().unwrap(),
        pixels_token: "secret".into(),
        peers: vec![
            peer("CT1", &all, WorklistCharset::Utf8),
            peer("OLDCT", &all, WorklistCharset::Ascii),
            peer("ECHOONLY", &[Right::Echo], WorklistCharset::Utf8),
        ],
        settle_seconds: 0,
        min_free_percent: 0,
        worker_command: vec![OsString::from(env!("CARGO_BIN_EXE_benhan-pacs-bridge")), "decode-worker".into()],
        ..BridgeConfig::default()
    }
}

impl TestBridge {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut BridgeConfig)) -> Self {
        Self::in_folder(TempDir::new().unwrap(), change).await
    }

    pub async fn in_folder(folder: TempDir, change: impl FnOnce(&mut BridgeConfig)) -> Self {
        let mut config = config(folder.path());
        change(&mut config);
        let shutdown = CancellationToken::new();
        let running = start(config, shutdown.clone()).await.unwrap();
        Self { running, folder, shutdown }
    }

    /// Stops it and hands back its folder.
    pub async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        self.running.stopped().await;
        self.folder
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        super::get(self.running.pixels_addr, path, Some("secret")).await
    }

    pub async fn get_without_token(&self, path: &str) -> StatusCode {
        super::get(self.running.pixels_addr, path, None).await.0
    }

    pub async fn json(&self, path: &str) -> serde_json::Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    /// Image files that are on the disk.
    pub fn blobs(&self) -> Vec<PathBuf> {
        let shelves = std::fs::read_dir(self.folder.path().join("blobs")).unwrap();
        let files = shelves.flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap());
        files.map(|file| file.unwrap().path()).collect()
    }

    pub fn keys(&self) -> Keyring {
        opened_with(&self.folder.path().join("keys.db"), &self.folder.path().join("master.key")).unwrap()
    }

    /// A file of the library as any DICOM program reads it.
    pub fn plain(&self, blob: &Path) -> Vec<u8> {
        let mut plain = Vec::new();
        write_plain(blob, &self.keys(), &mut plain).unwrap();
        plain
    }

    /// Files that lie in `incoming/`.
    pub fn unfinished(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("incoming")).unwrap().count()
    }
}

/// Waits for a condition; fails when it does not come.
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
