//! All that a template can reach: the templates, the values, the attachments, the fonts and the sheet's own date.
//! There is no file system and no network behind it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::DateTime;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::fonts::FONTS;

/// Where a template finds its values.
pub(crate) const VALUES: &str = "values.json";
/// Where a template finds the bytes of attachment number n: `attached/n`.
pub(crate) const ATTACHED: &str = "attached/";

/// The id of a file by its name at the root. Ids live as long as the process: only names from a small fixed set here.
pub(crate) fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// One sheet being set.
pub(crate) struct SheetWorld<'a> {
    pub(crate) library: &'a LazyHash<Library>,
    pub(crate) templates: &'a BTreeMap<String, Source>,
    pub(crate) main: FileId,
    pub(crate) values: Bytes,
    pub(crate) attached: Vec<Bytes>,
    pub(crate) at: DateTime,
}

impl SheetWorld<'_> {
    fn missing<T>(id: FileId) -> FileResult<T> {
        Err(FileError::NotFound(PathBuf::from(id.vpath().get_without_slash())))
    }
}

impl World for SheetWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if !matches!(id.root(), VirtualRoot::Project) {
            return Err(FileError::AccessDenied);
        }
        self.templates.get(id.vpath().get_without_slash()).cloned().map_or_else(|| Self::missing(id), Ok)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if !matches!(id.root(), VirtualRoot::Project) {
            return Err(FileError::AccessDenied);
        }
        let name = id.vpath().get_without_slash();
        if name == VALUES {
            return Ok(self.values.clone());
        }
        let attached =
            name.strip_prefix(ATTACHED).and_then(|n| n.parse::<usize>().ok()).and_then(|n| self.attached.get(n));
        attached.cloned().map_or_else(|| Self::missing(id), Ok)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        day_of(self.at)
    }
}

pub(crate) fn day_of(at: DateTime) -> Option<Datetime> {
    let month = u8::try_from(at.month()).ok()?;
    let day = u8::try_from(at.day()).ok()?;
    Datetime::from_ymd(at.year().into(), month, day)
}
