//! Many sheets as one document: a folder for each, in which its template finds values of its own, and one file that
//! includes them in turn. Fonts are embedded once, and the pages are counted through.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::error::RenderError;
use crate::fonts::FONTS;
use crate::world::{VALUES, day_of, file_id};

/// Ids of files live as long as the process, so their number is bounded.
const MOST_FOLDERS: usize = 2_000;
const MAIN: &str = "all.typ";

/// One sheet: which template, and with what.
pub(crate) struct Folder {
    pub(crate) template: String,
    pub(crate) values: Bytes,
}

/// What every world of this renderer shares.
pub(crate) struct Files<'a> {
    pub(crate) library: &'a LazyHash<Library>,
    pub(crate) templates: &'a BTreeMap<String, Source>,
}

pub(crate) struct KitWorld<'a> {
    files: Files<'a>,
    main: Source,
    folders: Vec<Folder>,
    /// Templates as they stand in their folders: parsed once each, when asked for.
    parsed: Mutex<BTreeMap<String, Source>>,
    at: DateTime,
}

impl<'a> KitWorld<'a> {
    pub(crate) fn new(files: Files<'a>, folders: Vec<Folder>, at: DateTime) -> Result<Self, RenderError> {
        if folders.len() > MOST_FOLDERS {
            return Err(RenderError::TooLarge { what: "sheets", found: folders.len(), limit: MOST_FOLDERS });
        }
        let include = |(n, folder): (usize, &Folder)| format!("#include \"{n}/{}\"\n", folder.template);
        let text = folders.iter().enumerate().map(include).collect();
        let id = file_id(MAIN).ok_or(RenderError::NotPrintable("a name"))?;
        Ok(Self { files, main: Source::new(id, text), folders, parsed: Mutex::default(), at })
    }

    /// `12/form.typ`: the twelfth folder, and a file in it.
    fn in_folder<'n>(&self, name: &'n str) -> Option<(&Folder, &'n str)> {
        let (number, file) = name.split_once('/')?;
        Some((self.folders.get(number.parse::<usize>().ok()?)?, file))
    }
}

fn missing<T>(id: FileId) -> FileResult<T> {
    Err(FileError::NotFound(PathBuf::from(id.vpath().get_without_slash())))
}

impl World for KitWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.files.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if !matches!(id.root(), VirtualRoot::Project) {
            return Err(FileError::AccessDenied);
        }
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let name = id.vpath().get_without_slash();
        let Some(template) = self.in_folder(name).and_then(|(_, file)| self.files.templates.get(file)) else {
            return missing(id);
        };
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let own = || Source::new(id, template.text().to_owned());
        Ok(parsed.entry(name.to_owned()).or_insert_with(own).clone())
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if !matches!(id.root(), VirtualRoot::Project) {
            return Err(FileError::AccessDenied);
        }
        match self.in_folder(id.vpath().get_without_slash()) {
            Some((folder, VALUES)) => Ok(folder.values.clone()),
            _ => missing(id),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        day_of(self.at)
    }
}
