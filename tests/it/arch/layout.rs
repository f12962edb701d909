//! How files are named and how long they get.

use super::{assert_none, root};
use walkdir::WalkDir;

/// Most files have 70 to 160 lines; one that reaches this has more than one idea in it.
const MOST_LINES: usize = 500;

/// Lists that are one idea however long: diesel's tables.
const LISTS: &[&str] = &["server/store/src/schema.rs"];

/// Names that say nothing of what is inside, so everything ends up there.
const EMPTY_NAMES: &[&str] = &["common", "commons", "util", "utils", "helper", "helpers", "misc", "stuff"];

/// Folders that hold what we did not write, or what a program wrote.
const NOT_OURS: &[&str] = &["target", "node_modules", "dist", ".git", ".venv", "data", "corpus", "generated"];

#[test]
fn a_file_holds_one_idea() {
    let mut complaints = Vec::new();
    for path in files() {
        let text = std::fs::read(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let lines = text.split(|byte| *byte == b'\n').count();
        if lines > MOST_LINES && !LISTS.contains(&path.as_str()) {
            complaints.push(format!("{path}: {lines} lines; split it by idea (at most {MOST_LINES})"));
        }
    }
    assert_none(complaints);
}

#[test]
fn a_name_says_what_is_inside() {
    let complaints = files()
        .into_iter()
        .filter(|path| path.split('/').any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or(part))))
        .map(|path| format!("{path}: name it after the idea that it holds, beside the program that owns the idea"))
        .collect();
    assert_none(complaints);
}

/// Every source file of ours, from the root, with `/`.
fn files() -> Vec<String> {
    let files: Vec<String> = WalkDir::new(root())
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !NOT_OURS.contains(&entry.file_name().to_string_lossy().as_ref()))
        .map(|entry| entry.expect("the source tree can be read"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/"))
        .filter(|path| {
            let extension = path.rsplit('.').next().unwrap_or_default();
            matches!(extension, "rs" | "ts" | "tsx" | "css" | "mjs" | "py" | "sh" | "sql" | "typ")
                && !path.ends_with(".d.ts")
        })
        .collect();
    assert!(files.len() >= 12, "only {} files found: are we looking in the right place?", files.len());
    files
}
