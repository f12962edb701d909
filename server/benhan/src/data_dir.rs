//! The data folder: who may read it, and the secrets that are made at first start.

use crate::own_forms;
use anyhow::Context;
use benhan_server::secrets::Secrets;
use benhan_store::{Keyring, keys};
use rand::RngCore;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The wrapped keys of records: in the data folder, in no backup of the record.
pub const KEYS: &str = "keys/records.db";
pub const MASTER: &str = "secrets/records.key";

/// In a folder that `benhan restore` or `import-all` has not filled yet.
pub const UNFINISHED: &str = "restore.unfinished";

#[derive(Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// What the hospital wrote itself: forms and device profiles. Both are in its backups.
pub const OWN: [&str; 2] = [own_forms::FOLDER, "profiles"];

impl DataDir {
    /// Makes the folder where it is not there; only its owner may look inside.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
        fs::set_permissions(root, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot close {} to others", root.display()))?;
        let root = root.canonicalize()?;
        whole(&root)?;
        for inner in ["secrets", "keys", "tls", "trust", "spool", "pacs"].into_iter().chain(OWN) {
            fs::create_dir_all(root.join(inner))
                .with_context(|| format!("cannot make {inner} in {}", root.display()))?;
        }
        Ok(Self { root })
    }

    /// A folder that carries the mark while a command fills it.
    pub fn being_filled(root: &Path) -> anyhow::Result<Self> {
        let root = root.canonicalize().with_context(|| format!("{} is not there", root.display()))?;
        fs::create_dir_all(root.join("secrets"))?;
        Ok(Self { root })
    }

    /// A folder that is there, left as it is: for a command that only looks.
    pub fn existing(root: &Path) -> anyhow::Result<Self> {
        let root = root.canonicalize().with_context(|| format!("{} is not there", root.display()))?;
        whole(&root)?;
        Ok(Self { root })
    }

    /// Tells which ports were taken.
    pub fn write_ports(&self, file: &str, ports: &serde_json::Value) -> anyhow::Result<()> {
        self.write_private(file, serde_json::to_string(ports)?.as_bytes())
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, inner: &str) -> PathBuf {
        self.root.join(inner)
    }

    /// Writes a file that only the owner reads, whole or not at all.
    pub fn write_private(&self, inner: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let (path, part) = (self.path(inner), self.path(&format!("{inner}.part")));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The keys that never go into the database or its backups.
    pub fn secrets(&self) -> anyhow::Result<Secrets> {
        Ok(Secrets {
            server_key: self.key("secrets/server.key")?,
            ingest_token: hex::encode(self.key("secrets/ingest.token")?),
            pixels_token: hex::encode(self.key("secrets/pixels.token")?),
        })
    }

    /// The records' keys, made for a new hospital, or for one from before they were. Wrapped in `keys/`, opened by
    /// `secrets/`: where one of the two is missing nothing is made in its place.
    pub fn record_keys(&self) -> anyhow::Result<Keyring> {
        Ok(keys::made_once(&self.path(KEYS), &self.path(MASTER))?)
    }

    /// The same for a command that only looks.
    pub fn existing_record_keys(&self) -> anyhow::Result<Keyring> {
        keys_of(&self.path(KEYS), &self.path("secrets"))
    }

    fn key(&self, inner: &str) -> anyhow::Result<[u8; 32]> {
        let path = self.path(inner);
        if !path.exists() {
            // A new key beside an old record would call every password and PIN wrong, and lock everybody out.
            let old = ["record.db", "trust/ca.pem"].iter().any(|of| self.path(of).exists());
            anyhow::ensure!(!old, "{} is missing, but there is a record: put the folder secrets/ back", path.display());
            let mut fresh = [0_u8; 32];
            rand::rng().fill_bytes(&mut fresh);
            self.write_private(inner, hex::encode(fresh).as_bytes())?;
        }
        let text = fs::read_to_string(&path)?;
        let mut key = [0_u8; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .with_context(|| format!("{} holds no 32-byte key", path.display()))?;
        Ok(key)
    }
}

/// Half of a record must never be served.
fn whole(root: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !root.join(UNFINISHED).exists(),
        "{} holds half of a record: its restore or import was ended. Begin `benhan restore` again, or `benhan import-all`, with the \
         same --into, or remove the folder",
        root.display()
    );
    Ok(())
}

/// A key store and the `secrets/` that open it, wherever they lie.
pub fn keys_of(store: &Path, secrets: &Path) -> anyhow::Result<Keyring> {
    Ok(keys::opened_with(store, &secrets.join("records.key"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_its_keys_gets_no_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::open(folder.path()).unwrap();
        let first = dir.secrets().unwrap().server_key;
        assert_eq!(dir.secrets().unwrap().server_key, first);
        fs::write(dir.path("record.db"), b"").unwrap();
        assert_eq!(dir.secrets().unwrap().server_key, first);
        fs::remove_file(dir.path("secrets/server.key")).unwrap();
        let refused = dir.secrets().err().unwrap().to_string();
        assert!(refused.contains("secrets/server.key is missing"), "{refused}");
    }
}
