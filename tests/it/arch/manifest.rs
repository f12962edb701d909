//! The workspace's manifests, as far as the rules need them.

use super::root;
use toml::{Table, Value};

/// One crate's Cargo.toml.
pub struct Manifest {
    pub name: String,
    /// Folder from the root, with `/`.
    pub folder: String,
    table: Table,
}

/// One entry of a dependency table.
pub struct Dependency {
    /// The package's name, whatever it is renamed to.
    pub package: String,
    pub from_workspace: bool,
}

impl Manifest {
    /// What the crate itself is built from.
    pub fn dependencies(&self) -> Vec<Dependency> {
        self.sections(&["dependencies", "build-dependencies"])
    }

    /// What only its tests, examples and benches are built from.
    pub fn test_dependencies(&self) -> Vec<Dependency> {
        self.sections(&["dev-dependencies"])
    }

    /// Is `section.key` inherited from the workspace (`key.workspace = true`)?
    pub fn inherits(&self, section: &str, key: &str) -> bool {
        let value =
            self.table.get(section).and_then(|section| if key.is_empty() { Some(section) } else { section.get(key) });
        value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
    }

    fn sections(&self, names: &[&str]) -> Vec<Dependency> {
        let per_target = self.table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let holders = std::iter::once(&self.table).chain(per_target.filter_map(Value::as_table));
        holders
            .flat_map(|holder| names.iter().filter_map(|name| holder.get(*name)?.as_table()))
            .flatten()
            .map(|(key, value)| Dependency {
                package: value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned(),
                from_workspace: value.get("workspace").and_then(Value::as_bool) == Some(true),
            })
            .collect()
    }
}

/// Every member of the workspace, in the root manifest's order.
pub fn members() -> Vec<Manifest> {
    let members = read("Cargo.toml")["workspace"]["members"].as_array().expect("workspace.members is a list").clone();
    members
        .iter()
        .map(|member| {
            let folder = member.as_str().expect("a member is a path").to_owned();
            let table = read(&format!("{folder}/Cargo.toml"));
            let name = table["package"]["name"].as_str().expect("a package has a name").to_owned();
            Manifest { name, folder, table }
        })
        .collect()
}

fn read(path: &str) -> Table {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}
