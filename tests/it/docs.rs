//! Documents that point at something point at something that is there.

use crate::arch::root;
use std::path::Path;
use walkdir::WalkDir;

#[test]
fn every_link_between_our_documents_leads_somewhere() {
    let mut broken = Vec::new();
    let documents = documents();
    assert!(documents.len() >= 4, "only {} documents found: are we looking in the right place?", documents.len());
    for document in &documents {
        let text = std::fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
        let folder = root().join(document).parent().map(Path::to_path_buf).unwrap_or_default();
        for link in links(&text) {
            let outside = link.contains("://") || link.starts_with("mailto:") || link.starts_with('#');
            let target = link.split('#').next().unwrap_or(link);
            if !outside && !folder.join(target).exists() {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere:\n  {}\n", broken.join("\n  "));
}

#[test]
fn the_readme_and_the_contributing_guide_name_only_commands_that_make_has() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).expect("Makefile");
    let mut unknown = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect("document");
        for command in
            text.split('`').skip(1).step_by(2).flat_map(str::lines).filter_map(|line| line.strip_prefix("make "))
        {
            let targets = command.split_whitespace().filter(|word| !word.contains('='));
            for target in targets.take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
                if !makefile.contains(&format!("\n{target}:")) {
                    unknown.push(format!("{document}: make {target}"));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "the Makefile has no such target:\n  {}\n", unknown.join("\n  "));
}

/// Targets of `[text](target)` and `![text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link.split(' ').next().unwrap_or(link))
}

fn documents() -> Vec<String> {
    const NOT_OURS: &[&str] = &["target", "node_modules", "dist", ".git", ".venv", "data", "corpus"];
    WalkDir::new(root())
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !NOT_OURS.contains(&entry.file_name().to_string_lossy().as_ref()))
        .map(|entry| entry.expect("the source tree can be read"))
        .map(|entry| entry.path().strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/"))
        .filter(|path| path.ends_with(".md"))
        .collect()
}
