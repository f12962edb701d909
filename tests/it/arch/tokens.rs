//! Rust source as a list of words and signs, without comments and without what stands in quotes.
//!
//! Not a compiler: just enough that a word in a comment or a string is never mistaken for code.

/// A word (identifier, keyword, number) or a sign; `::` is one sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }
}

/// Cuts source text into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { rest: source, line: 1 };
    let mut tokens = Vec::new();
    while let Some(next) = reader.rest.chars().next() {
        if let Some(length) = quiet_length(reader.rest) {
            reader.skip(length);
        } else if next.is_whitespace() {
            reader.skip(next.len_utf8());
        } else {
            let length = visible_length(reader.rest, next);
            tokens.push(Token { text: reader.rest.split_at(length).0.to_owned(), line: reader.line });
            reader.skip(length);
        }
    }
    tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }
}

fn visible_length(rest: &str, next: char) -> usize {
    if next.is_alphanumeric() || next == '_' {
        rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
    } else if rest.starts_with("::") {
        2
    } else {
        next.len_utf8()
    }
}

/// Length of the comment, string or character literal that starts here, if one does.
fn quiet_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    let unprefixed = ["br", "cr", "r", "b", "c", ""].iter().find_map(|prefix| {
        let body = rest.strip_prefix(prefix)?;
        let hashes = body.len() - body.trim_start_matches('#').len();
        let raw = prefix.ends_with('r');
        let quoted = body.get(hashes..)?.starts_with('"') && (raw || hashes == 0);
        quoted.then_some((prefix.len(), raw, hashes, body))
    });
    if let Some((prefix, raw, hashes, body)) = unprefixed {
        return Some(prefix + if raw { raw_string_length(body, hashes) } else { escaped_length(body, '"') });
    }
    let body = rest.strip_prefix('b').unwrap_or(rest);
    let mut chars = body.chars();
    if chars.next() == Some('\'') {
        let (first, second) = (chars.next()?, chars.next());
        // 'a' is a character, 'a without a closing quote a lifetime.
        if first == '\\' || second == Some('\'') {
            return Some(rest.len() - body.len() + escaped_length(body, '\''));
        }
    }
    None
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

fn raw_string_length(body: &str, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    let start = hashes + 1;
    body.get(start..).and_then(|text| text.find(&end)).map_or(body.len(), |at| start + at + end.len())
}

fn escaped_length(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    body.len()
}

#[test]
fn words_in_comments_and_quotes_are_not_code() {
    let source = r###"
        // unsafe
        /* println /* nested */ diesel */
        let r = "actix \" tokio"; let c = '"'; let life: &'a str = r#"rand "quoted" "#;
        let b = b'\''; let e = '\\'; let bytes = br"std"; r#type();
    "###;
    let words: Vec<String> = tokens(source).into_iter().filter(Token::is_word).map(|token| token.text).collect();
    let expected = "let r let c let life a str let b let e let bytes r type";
    assert_eq!(words.join(" "), expected);
    assert_eq!(
        tokens("a\n\n b::c")[1..].iter().map(|t| (t.text.as_str(), t.line)).collect::<Vec<_>>(),
        [("b", 3), ("::", 3), ("c", 3)]
    );
}
