//! The hospital's own profiles: a folder that is looked at every few seconds.
//!
//! Looked at, not notified of: a folder on a share sends no events, and an editor's rename and half-written
//! file need no special care when only what lies there counts. A file that cannot be used leaves its last good
//! state working, or the shipped profile of its id, and is on the list of flaws until it is mended.

use super::lint::{LARGEST_FILE, Level, lint_on};
use super::{Profile, shipped};
use crate::normalise::Readers;
use benhan_contract::Micros;
use benhan_uplink::Surroundings;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// More than any hospital has devices.
const MOST_FILES: usize = 500;
pub(crate) const EVERY: Duration = Duration::from_secs(3);

/// A file that is not used as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub file: String,
    pub problem: String,
    /// What it said before still holds.
    pub has_older: bool,
    pub since: Micros,
}

#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    files: BTreeMap<PathBuf, Own>,
}

#[derive(Debug)]
struct Own {
    stamp: Option<(SystemTime, u64)>,
    /// As it lies there; what could not be read is said instead.
    text: Result<String, String>,
    /// The last state that could be used.
    good: Option<String>,
    profile: Option<Arc<Profile>>,
    flaw: Option<Flaw>,
}

impl Folder {
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), files: BTreeMap::new() }
    }

    /// Looks at the folder. True when something is other than it was. No folder: no own profiles.
    pub fn look(&mut self, now: Micros) -> bool {
        let there = self.there();
        let gone = self.files.len();
        self.files.retain(|path, _| there.iter().any(|(own, _)| own == path));
        let mut is_changed = self.files.len() != gone;
        for (path, stamp) in there {
            let known = self.files.get_mut(&path);
            if known.as_ref().is_some_and(|own| own.stamp == stamp) {
                continue;
            }
            let text = read(&path);
            match known {
                Some(own) => (own.stamp, own.text) = (stamp, text),
                None => {
                    let own = Own { stamp, text, good: None, profile: None, flaw: None };
                    self.files.insert(path, own);
                }
            }
            is_changed = true;
        }
        if is_changed {
            self.take_up(now);
        }
        is_changed
    }

    #[must_use]
    pub fn profiles(&self) -> Vec<Arc<Profile>> {
        self.files.values().filter_map(|own| own.profile.clone()).collect()
    }

    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        self.files.values().filter_map(|own| own.flaw.clone()).collect()
    }

    fn there(&self) -> Vec<(PathBuf, Option<(SystemTime, u64)>)> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_profile(path)).collect();
        paths.sort();
        paths.truncate(MOST_FILES);
        let stamped = paths.into_iter().map(|path| {
            let stamp = std::fs::metadata(&path).and_then(|about| Ok((about.modified()?, about.len()))).ok();
            (path, stamp)
        });
        stamped.collect()
    }

    /// All files anew, since one may be based on another; what holds older states only where nothing else is left.
    fn take_up(&mut self, now: Micros) {
        let mut built: Vec<Arc<Profile>> = Vec::new();
        let mut waiting: Vec<PathBuf> = self.files.keys().cloned().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|path| !self.files.get_mut(path).is_some_and(|own| own.takes_text(&mut built)));
            if waiting.len() < before {
                continue;
            }
            let older = waiting
                .iter()
                .position(|path| self.files.get_mut(path).is_some_and(|own| own.takes_older(&mut built, path, now)));
            match older {
                Some(at) => drop(waiting.remove(at)),
                None => break,
            }
        }
        for path in waiting {
            if let Some(own) = self.files.get_mut(&path) {
                own.profile = None;
                own.has_flaw(own.problem(&built), &path, now);
            }
        }
        // Two files of one id: the first is it.
        let mut ids: Vec<String> = Vec::new();
        for (path, own) in &mut self.files {
            let Some(id) = own.profile.as_ref().map(|profile| profile.id.clone()) else { continue };
            if ids.contains(&id) {
                own.profile = None;
                own.has_flaw("id này đã có ở một tệp khác trong thư mục; đổi id hoặc bỏ một tệp".to_owned(), path, now);
            } else {
                ids.push(id);
            }
        }
    }
}

impl Own {
    /// Uses the file as it lies there, if that can be.
    fn takes_text(&mut self, built: &mut Vec<Arc<Profile>>) -> bool {
        let usable = self.text.as_ref().ok().and_then(|text| usable(text, built).ok());
        let Some(profile) = usable.map(Arc::new) else { return false };
        built.push(Arc::clone(&profile));
        self.profile = Some(profile);
        self.good = self.text.as_ref().ok().cloned();
        self.flaw = None;
        true
    }

    /// Uses what it said before.
    fn takes_older(&mut self, built: &mut Vec<Arc<Profile>>, path: &Path, now: Micros) -> bool {
        let problem = self.problem(built);
        let usable = self.good.as_deref().and_then(|text| usable(text, built).ok());
        let Some(profile) = usable.map(Arc::new) else { return false };
        built.push(Arc::clone(&profile));
        self.profile = Some(profile);
        self.has_flaw(problem, path, now);
        true
    }

    fn problem(&self, built: &[Arc<Profile>]) -> String {
        match &self.text {
            Ok(text) => usable(text, built).err().unwrap_or_default(),
            Err(problem) => problem.clone(),
        }
    }

    fn has_flaw(&mut self, problem: String, path: &Path, now: Micros) {
        let older = self.flaw.take().filter(|older| older.problem == problem);
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let since = older.map_or(now, |older| older.since);
        self.flaw = Some(Flaw { file, problem, has_older: self.profile.is_some(), since });
    }
}

fn usable(text: &str, built: &[Arc<Profile>]) -> Result<Profile, String> {
    let own_id = text.parse::<toml::Table>().ok().and_then(|table| Some(table.get("id")?.as_str()?.to_owned()));
    // A file may be based on the shipped profile that it replaces.
    let bases = |id: &str| {
        let own = built.iter().find(|profile| profile.id == id && own_id.as_deref() != Some(id)).map(Arc::clone);
        own.or_else(|| shipped::named(id))
    };
    let errors: Vec<String> = lint_on(text, &bases)
        .into_iter()
        .filter(|finding| finding.level == Level::Error)
        .take(3)
        .map(|finding| format!("dòng {}: {}", finding.line, finding.what))
        .collect();
    if !errors.is_empty() {
        return Err(errors.join(" "));
    }
    Profile::parse_on(text, &bases).map_err(|cause| cause.to_string())
}

fn is_profile(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    path.extension().is_some_and(|end| end == "toml") && !is_hidden && path.is_file()
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|cause| format!("không đọc được: {cause}"))?.len();
    if size > u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX) {
        return Err("tệp quá lớn, không phải hồ sơ máy".to_owned());
    }
    std::fs::read_to_string(path).map_err(|cause| format!("không đọc được: {cause}"))
}

/// Looks again and again, and gives what it finds to `readers`.
pub(crate) async fn watch(
    mut folder: Folder,
    readers: Arc<Readers>,
    every: Duration,
    surroundings: Surroundings,
    shutdown: CancellationToken,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = shutdown.cancelled() => return,
        }
        let now = surroundings.now();
        let looked = tokio::task::spawn_blocking(move || {
            let is_changed = folder.look(now);
            (folder, is_changed)
        });
        let Ok((back, is_changed)) = looked.await else { return };
        folder = back;
        if is_changed {
            readers.take_up(&folder);
        }
    }
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
