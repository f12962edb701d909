//! Finds the fonts of Debian's `fonts-noto-core` and the forms of `server/forms`, and embeds both in the crate.
//! Fonts are never kept in the repository; `BENHAN_FONT_DIR` names another directory to take them from.

use std::env;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

/// The faces that the sheets use, in the order of preference of a character.
const FACES: [&str; 7] = [
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSans-Italic.ttf",
    "NotoSans-BoldItalic.ttf",
    "NotoSansMath-Regular.ttf",
    "NotoSansSymbols2-Regular.ttf",
    "NotoSansSymbols-Regular.ttf",
];

/// Where Debian, Fedora and Arch put them.
const KNOWN_DIRECTORIES: [&str; 4] = [
    "/usr/share/fonts/truetype/noto",
    "/usr/share/fonts/google-noto",
    "/usr/share/fonts/noto",
    "/usr/local/share/fonts/noto",
];

/// A build failure whose `Debug` is the sentence itself: cargo prints the error of `main` that way.
struct Failure(String);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

fn main() -> Result<(), Failure> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut code = String::new();
    embed_fonts(&out, &mut code)?;
    embed_forms(&Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../forms"), &out, &mut code)?;
    fs::write(out.join("embedded.rs"), code)?;
    tell_cargo("rerun-if-env-changed=BENHAN_FONT_DIR");
    tell_cargo("rerun-if-changed=build.rs");
    Ok(())
}

fn embed_fonts(out: &Path, code: &mut String) -> Result<(), Failure> {
    let directory = font_directory()?;
    writeln!(code, "/// Every embedded face: file name, bytes.\npub(crate) static FACES: &[(&str, &[u8])] = &[")?;
    for face in FACES {
        let from = directory.join(face);
        tell_cargo(&format!("rerun-if-changed={}", from.display()));
        fs::copy(&from, out.join(face)).map_err(|e| Failure(format!("cannot copy {}: {e}", from.display())))?;
        writeln!(code, "    ({face:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{face}\"))),")?;
    }
    writeln!(code, "];")?;
    Ok(())
}

fn font_directory() -> Result<PathBuf, Failure> {
    let complete = |directory: &Path| FACES.iter().all(|face| directory.join(face).is_file());
    if let Some(named) = env::var_os("BENHAN_FONT_DIR").map(PathBuf::from) {
        let missing: Vec<&str> = FACES.into_iter().filter(|face| !named.join(face).is_file()).collect();
        return if missing.is_empty() {
            Ok(named)
        } else {
            Err(Failure(format!("BENHAN_FONT_DIR={} lacks {}", named.display(), missing.join(", "))))
        };
    }
    KNOWN_DIRECTORIES.iter().map(PathBuf::from).find(|d| complete(d)).ok_or_else(|| {
        Failure(format!(
            "the Noto fonts of the printed forms are not installed.\n\
             Install them with:  sudo apt-get install fonts-noto-core\n\
             or set BENHAN_FONT_DIR to a directory that holds {}.\n\
             Looked in: {}",
            FACES.join(", "),
            KNOWN_DIRECTORIES.join(", ")
        ))
    })
}

/// A form is `NAME.toml` with its `NAME.typ`; a `.typ` without a `.toml` is shared by the templates.
fn embed_forms(directory: &Path, out: &Path, code: &mut String) -> Result<(), Failure> {
    tell_cargo(&format!("rerun-if-changed={}", directory.display()));
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(|e| Failure(format!("cannot list {}: {e}", directory.display())))? {
        let path = entry?.path();
        if matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "typ"))
            && let Some(name) = path.file_name().and_then(|n| n.to_str())
        {
            fs::copy(&path, out.join(name))?;
            tell_cargo(&format!("rerun-if-changed={}", path.display()));
            names.push(name.to_owned());
        }
    }
    names.sort();
    writeln!(code, "/// Every file of server/forms: name, text.\npub(crate) static FORM_FILES: &[(&str, &str)] = &[")?;
    for name in names {
        writeln!(code, "    ({name:?}, include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))),")?;
    }
    writeln!(code, "];")?;
    Ok(())
}

fn tell_cargo(line: &str) {
    println!("cargo::{line}");
}
