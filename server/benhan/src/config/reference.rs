//! The commented file that `benhan init` writes and `benhan config print --reference` shows.

use toml::Value;

pub const REFERENCE: &str = include_str!("../../reference.toml");

/// The reference with some keys set, each in its place. `(section, key, value)`.
pub fn filled(set: &[(&str, &str, Value)]) -> String {
    let (mut out, mut section) = (String::new(), "");
    for line in REFERENCE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
        }
        let chosen = set.iter().find(|(of, key, _)| *of == section && default_of(line).is_some_and(|(k, _)| k == *key));
        match chosen {
            Some((_, key, value)) => out.push_str(&format!("{key} = {value}")),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// `#key = value`: a key with its default. Prose and examples have a space after the sign.
fn default_of(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('#').filter(|rest| !rest.starts_with(' '))?.split_once(" = ")
}

#[cfg(test)]
mod tests {
    use super::super::{Config, SECTIONS};
    use super::*;
    use toml::Table;

    fn uncommented() -> Table {
        let lines: Vec<&str> = REFERENCE
            .lines()
            .map(|line| if default_of(line).is_some() { line.strip_prefix('#').unwrap_or(line) } else { line })
            .collect();
        lines.join("\n").parse().expect("the reference is TOML")
    }

    #[test]
    fn every_key_stands_in_the_reference_with_its_default() {
        let written = uncommented();
        let defaults = Table::try_from(Config::default()).expect("the defaults are TOML");
        for (section, keys) in &defaults {
            let Value::Table(keys) = keys else { continue };
            let of = written.get(section).and_then(Value::as_table).unwrap_or_else(|| panic!("no [{section}]"));
            for (key, value) in keys {
                if matches!(
                    (section.as_str(), key.as_str()),
                    ("gateway", "serial" | "port" | "device") | ("revocation", "responder")
                ) {
                    continue; // shown as examples: a list of sections has no default line
                }
                assert_eq!(of.get(key), Some(value), "{section}.{key}");
            }
            assert!(of.keys().all(|key| keys.contains_key(key)), "[{section}] names a key that is no more");
        }
        assert!(written.keys().all(|section| defaults.contains_key(section)), "a section that is no more");
        let mut tables = defaults.iter().filter(|(_, of)| of.is_table()).map(|(section, _)| section.to_uppercase());
        let forgotten = tables.find(|section| !SECTIONS.contains(&section.as_str()));
        assert_eq!(forgotten, None, "may be set by the environment too");
    }

    #[test]
    fn a_chosen_value_takes_its_line_and_leaves_the_rest() {
        let text = filled(&[("backup", "target", Value::from("/mnt/backup"))]);
        let set: Config = toml::from_str(&text).expect("a configuration");
        assert_eq!(set.backup.target, std::path::Path::new("/mnt/backup"));
        assert_eq!(text.lines().count(), REFERENCE.lines().count());
    }
}
