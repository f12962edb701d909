//! The few answers that the signing library does not read: errors, and uploads that were left unfinished.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The first text of an element of this name, wherever it stands.
pub fn first(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    walk(text, |element, words| {
        if element == name && found.is_none() {
            found = Some(words.to_owned());
        }
    });
    found
}

/// Key and id of each unfinished upload.
pub fn uploads(text: &str) -> Vec<(String, String)> {
    let (mut found, mut key, mut id) = (Vec::new(), String::new(), String::new());
    // Which of the two comes first is up to the store.
    walk(text, |element, words| match element {
        "Key" => words.clone_into(&mut key),
        "UploadId" => words.clone_into(&mut id),
        "Upload" => found.push((std::mem::take(&mut key), std::mem::take(&mut id))),
        _ => {}
    });
    found.retain(|(key, id)| !key.is_empty() && !id.is_empty());
    found
}

/// Every element at its end, with its text where there is nothing else in it. What is no XML ends it.
fn walk(text: &str, mut each: impl FnMut(&str, &str)) {
    let mut reader = Reader::from_str(text);
    let (mut inside, mut words) = (String::new(), String::new());
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => {
                inside = local(tag.name().as_ref());
                words.clear();
            }
            Event::Text(part) => words.push_str(&part),
            Event::GeneralRef(name) => words.push_str(resolved(&name)),
            Event::End(tag) => {
                let name = local(tag.name().as_ref());
                each(&name, if name == inside { words.trim() } else { "" });
                inside.clear();
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn resolved(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errors_code_is_read_and_nonsense_has_none() {
        let told = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>less &amp; less</Message></Error>";
        assert_eq!(first(told, "Code").as_deref(), Some("SlowDown"));
        assert_eq!(first(told, "Message").as_deref(), Some("less & less"));
        for nonsense in ["", "<", "<Error><Code>", "<html>busy</html>", "&&&", "<Code/>"] {
            assert_eq!(first(nonsense, "Code"), None, "{nonsense}");
        }
    }

    #[test]
    fn unfinished_uploads_are_read_with_their_keys() {
        let told = "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket>\
            <Upload><Key>a/b&amp;c</Key><UploadId>1</UploadId><Owner><ID>x</ID></Owner></Upload>\
            <Upload><UploadId>2</UploadId><Key>d</Key></Upload></ListMultipartUploadsResult>";
        assert_eq!(uploads(told), [("a/b&c".into(), "1".into()), ("d".into(), "2".into())]);
        assert!(uploads("nothing").is_empty());
    }
}
