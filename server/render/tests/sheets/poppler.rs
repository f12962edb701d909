//! Debian's PDF tools as the reader of what was written.

use std::path::PathBuf;
use std::process::{Command, Output};

use benhan_render::Pdf;
use tempfile::TempDir;

/// A PDF on disk for as long as this lives.
pub struct OnDisk {
    dir: TempDir,
}

impl OnDisk {
    pub fn new(pdf: &Pdf) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("sheet.pdf"), &pdf.bytes).unwrap();
        Self { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("sheet.pdf")
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        let asked = Command::new(tool).current_dir(self.dir.path()).args(arguments).output();
        asked.unwrap_or_else(|e| panic!("{tool}: {e}; install poppler-utils and qpdf"))
    }

    /// All text in the order in which it was set, invisible break marks taken out.
    pub fn text(&self) -> String {
        let text = String::from_utf8(self.run("pdftotext", &["-raw", "sheet.pdf", "-"]).stdout).unwrap();
        text.replace('\u{200b}', "")
    }

    /// The text with every run of white space as one space.
    pub fn flat(&self) -> String {
        self.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn info(&self) -> String {
        String::from_utf8(self.run("pdfinfo", &["-isodates", "sheet.pdf"]).stdout).unwrap()
    }

    pub fn fonts(&self) -> String {
        String::from_utf8(self.run("pdffonts", &["sheet.pdf"]).stdout).unwrap()
    }

    pub fn metadata(&self) -> String {
        String::from_utf8(self.run("pdfinfo", &["-meta", "sheet.pdf"]).stdout).unwrap()
    }

    pub fn attachment_list(&self) -> String {
        String::from_utf8(self.run("pdfdetach", &["-list", "sheet.pdf"]).stdout).unwrap()
    }

    /// The bytes of one attached file.
    pub fn attachment(&self, name: &str) -> Vec<u8> {
        let saved = self.run("pdfdetach", &["-savefile", name, "-o", "saved", "sheet.pdf"]);
        assert!(saved.status.success(), "{name} is not attached");
        std::fs::read(self.dir.path().join("saved")).unwrap()
    }

    /// The structure of the file as qpdf judges it.
    pub fn assert_sound(&self) {
        let checked = self.run("qpdf", &["--check", "sheet.pdf"]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {said}", self.path().display());
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    }

    /// Asserts that the words come in this order.
    pub fn assert_in_order(&self, words: &[&str]) {
        let text = self.flat();
        let mut rest = text.as_str();
        for word in words {
            let Some((_, after)) = rest.split_once(word) else { panic!("{word:?} does not follow in:\n{text}") };
            rest = after;
        }
    }
}
