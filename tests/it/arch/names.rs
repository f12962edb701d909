//! What a piece of Rust names: every path written out in full, macros with their `!`.

use super::tokens::{Token, tokens};

/// A path as the code names it: `std::fs::read`, `println!`, `unsafe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub path: String,
    pub line: usize,
}

impl Name {
    /// Is this the given path or something inside it? (`std::fs` holds `std::fs::read`, not `std::fsx`.)
    pub fn is_within(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    /// First segment, so `tokio` of `tokio::time::sleep`.
    pub fn root(&self) -> &str {
        self.path.split("::").next().unwrap_or(&self.path)
    }

    /// Last segment, so `now` of `jiff::Timestamp::now`.
    pub fn leaf(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }
}

/// Names in code that ships: modules under `#[cfg(test)]` are left out.
pub fn shipped_names(source: &str) -> Vec<Name> {
    let mut code = tokens(source);
    while let Some((start, end)) = test_module(&code) {
        code.drain(start..end);
    }
    let mut names = Vec::new();
    let mut at = 0;
    while at < code.len() {
        at = if code[at].is_word() { path(&code, at, "", &mut names) } else { at + 1 };
    }
    names
}

/// Reads the path that starts at `at`, with its `{…}` groups; answers where it ends.
fn path(code: &[Token], mut at: usize, prefix: &str, names: &mut Vec<Name>) -> usize {
    let mut so_far = prefix.to_owned();
    let line = code[at].line;
    loop {
        so_far.push_str(&code[at].text);
        at += 1;
        let sign = |at: usize| code.get(at).map(|token| token.text.as_str());
        if sign(at) == Some("!") && sign(at + 1) != Some("=") {
            so_far.push('!');
        }
        match (sign(at), code.get(at + 1)) {
            (Some("::"), Some(next)) if next.is_word() => {
                so_far.push_str("::");
                at += 1;
            }
            (Some("::"), Some(next)) if next.text == "{" => return group(code, at + 2, &format!("{so_far}::"), names),
            _ => break,
        }
    }
    names.push(Name { path: so_far, line });
    at
}

fn group(code: &[Token], mut at: usize, prefix: &str, names: &mut Vec<Name>) -> usize {
    while let Some(token) = code.get(at) {
        if token.text == "}" {
            return at + 1;
        }
        at = if token.is_word() { path(code, at, prefix, names) } else { at + 1 };
    }
    at
}

/// The first `#[cfg(test)] … mod name { … }`, as a range of tokens.
fn test_module(code: &[Token]) -> Option<(usize, usize)> {
    let text = |at: usize| code.get(at).map_or("", |token| token.text.as_str());
    (0..code.len()).find_map(|start| {
        let is_cfg =
            ["#", "[", "cfg", "(", "test", ")", "]"].iter().enumerate().all(|(i, sign)| text(start + i) == *sign);
        let head = start + 7;
        let module = (head..head + 24).find(|at| text(*at) == "mod" || matches!(text(*at), "{" | ";" | "fn"))?;
        if !is_cfg || text(module) != "mod" || text(module + 2) != "{" {
            return None;
        }
        let mut depth = 0_usize;
        for at in module + 2..code.len() {
            match text(at) {
                "{" => depth += 1,
                "}" if depth == 1 => return Some((start, at + 1)),
                "}" => depth -= 1,
                _ => {}
            }
        }
        Some((start, code.len()))
    })
}

#[test]
fn grouped_imports_are_written_out_and_test_modules_left_out() {
    let source = r#"
        use std::{collections::BTreeMap, time::{Duration, Instant}, fs};
        fn f() { println!("x"); if a != b { tokio::time::sleep(Duration::ZERO).await } }
        #[cfg(test)]
        #[expect(unused)]
        mod tests { use std::net::TcpStream; mod inner { } }
        fn g() -> u8 { unsafe { 1 } }
    "#;
    let names: Vec<String> = shipped_names(source).into_iter().map(|name| name.path).collect();
    for expected in
        ["std::collections::BTreeMap", "std::time::Duration", "std::time::Instant", "std::fs", "println!", "unsafe"]
    {
        assert!(names.iter().any(|name| name == expected), "{expected} is missing in {names:?}");
    }
    assert!(names.contains(&"tokio::time::sleep".to_owned()) && names.contains(&"await".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("std::net") || name == "a!"), "{names:?}");
}
