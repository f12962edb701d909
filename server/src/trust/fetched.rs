//! Revocation lists of other CAs, fetched from where their certificates say that they are, and kept on disk: a server that
//! starts without a network signs by them while they are good.

use super::outside::Outside;
use benhan_domain::time::{HOUR, MINUTE};
use benhan_sign::{Certificate, Crl};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// Public CAs reach a few MB.
const MOST: usize = 16 << 20;
const MOST_LISTS: usize = 64;
/// A list is fetched anew when half of its time is over, or after so long.
const LONGEST: i64 = 24 * HOUR;

pub struct Fetched {
    outside: Outside,
    folder: PathBuf,
    lists: RwLock<Arc<BTreeMap<String, Crl>>>,
}

/// What a round of fetching found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    pub fetched: usize,
    pub failed: usize,
    /// Lists past their next update.
    pub stale: usize,
}

impl Fetched {
    /// With what was fetched before this start.
    pub fn open(outside: Outside, folder: PathBuf) -> Self {
        let mut lists = BTreeMap::new();
        for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let small = file.metadata().is_ok_and(|meta| meta.len() <= u64::try_from(MOST).unwrap_or(0));
            if !name.ends_with(".crl") || !small || lists.len() >= MOST_LISTS {
                continue;
            }
            match fs::read(file.path()).ok().and_then(|bytes| Crl::from_der(&bytes).ok()) {
                Some(list) => drop(lists.insert(name, list)),
                None => tracing::warn!(name, "a fetched revocation list cannot be read and is fetched anew"),
            }
        }
        Self { outside, folder, lists: RwLock::new(Arc::new(lists)) }
    }

    pub(super) fn lists(&self) -> Arc<BTreeMap<String, Crl>> {
        self.lists.read().map(|lists| Arc::clone(&lists)).unwrap_or_default()
    }

    /// Fetches what is due. A list counts only if one of `issuers` made it, and never goes back in time.
    pub async fn fetch(&self, addresses: &BTreeSet<String>, issuers: &[Certificate], now: i64) -> Fetch {
        let mut done = Fetch::default();
        for address in addresses.iter().take(MOST_LISTS) {
            let name = format!("{}.crl", hex::encode(Sha256::digest(address)).get(..32).unwrap_or_default());
            let before = self.lists().get(&name).cloned();
            if before.as_ref().is_some_and(|list| !is_due(list, now)) {
                continue;
            }
            match self.one(address, issuers, before.as_ref(), now).await {
                Ok(list) => match self.keep(&name, list) {
                    Ok(()) => done.fetched += 1,
                    Err(error) => {
                        done.failed += 1;
                        tracing::error!(%error, "a revocation list could not be kept");
                    }
                },
                Err(error) => {
                    done.failed += 1;
                    tracing::warn!(error, address, "a revocation list could not be fetched");
                }
            }
        }
        done.stale = self.stale(now);
        done
    }

    async fn one(&self, address: &str, issuers: &[Certificate], before: Option<&Crl>, now: i64) -> Result<Crl, String> {
        let bytes = self.outside.get(address, MOST).await.map_err(|error| error.to_string())?;
        let list = Crl::from_der(&bytes)
            .or_else(|error| Crl::list_from_pem(&bytes).ok().and_then(|mut lists| lists.pop()).ok_or(error));
        let list = list.map_err(|error| error.to_string())?;
        if !issuers.iter().any(|issuer| list.is_of(issuer)) {
            return Err("not made by an authority that this hospital trusts".into());
        }
        if list.this_update() > now.saturating_add(5 * MINUTE) {
            return Err("made after this server's clock: is that behind?".into());
        }
        match before {
            Some(before) if before.this_update() > list.this_update() => Err("older than the one that is here".into()),
            _ => Ok(list),
        }
    }

    /// Whole or not at all.
    fn keep(&self, name: &str, list: Crl) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let part = self.folder.join(format!("{name}.part"));
        let mut file = fs::File::create(&part)?;
        file.write_all(list.der())?;
        file.sync_all()?;
        fs::rename(part, self.folder.join(name))?;
        sync(&self.folder)?;
        if let Ok(mut held) = self.lists.write() {
            let mut lists = BTreeMap::clone(&held);
            lists.insert(name.to_owned(), list);
            *held = Arc::new(lists);
        }
        Ok(())
    }

    fn stale(&self, now: i64) -> usize {
        let ended = |list: &&Crl| list.next_update().is_none_or(|until| until < now);
        let lists = self.lists();
        let stale = lists.values().filter(ended).count();
        if stale > 0 {
            tracing::error!(
                stale,
                "danh sách thu hồi (CRL) đã quá hạn và chưa tải lại được: chứng thư của CA đó không ký được nếu OCSP cũng \
                 không trả lời; hãy kiểm tra đường mạng tới CA"
            );
        }
        stale
    }
}

fn is_due(list: &Crl, now: i64) -> bool {
    let whole = list.next_update().map_or(0, |until| until.saturating_sub(list.this_update()));
    now.saturating_sub(list.this_update()) >= LONGEST.min(whole / 2)
}

fn sync(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
