//! What the store holds, and what it does when it is asked.

use super::asked::{Asked, decoded};
use super::{ACCESS_KEY, Answer, BUCKET, SECRET_KEY, signed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use std::collections::BTreeMap;

/// Names on one page of a list: few, so that every list has several.
const PAGE: usize = 7;
/// A part that is not the last has at least this.
const LEAST_PART: usize = 5 << 20;

/// How it fails. The counts run down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// So many requests in a row get 503.
    Busy(usize),
    /// So many uploads with more than this many bytes break in the middle.
    CutsUp(usize, usize),
    /// So many downloads with more than this many bytes break in the middle.
    CutsDown(usize, usize),
    /// So many bodies lose a bit on their way.
    Damages(usize),
    /// From the first upload whose name, and number where it is a part, has this in it, it answers nobody.
    Stalls(&'static str),
}

pub struct Object {
    pub bytes: Vec<u8>,
    etag: String,
}

pub struct Upload {
    key: String,
    parts: BTreeMap<usize, Object>,
}

#[derive(Default)]
pub struct State {
    pub objects: BTreeMap<String, Object>,
    pub uploads: BTreeMap<String, Upload>,
    pub fault: Option<Fault>,
    pub versions: bool,
    pub puts: Vec<String>,
    pub refused: usize,
    pub dead: bool,
    begun: usize,
}

impl State {
    pub fn put(&mut self, key: &str, bytes: Vec<u8>) {
        let etag = hex::encode(Md5::digest(&bytes));
        self.objects.insert(key.to_owned(), Object { bytes, etag });
    }

    /// Takes one from a count that has not run out.
    fn meets(&mut self, fault: impl Fn(Fault) -> Option<(usize, Fault)>) -> bool {
        let Some((left, next)) = self.fault.and_then(fault) else { return false };
        self.fault = (left > 1).then_some(next);
        true
    }

    /// With so many bytes here of a body of this length.
    pub fn cuts_up(&mut self, here: usize, length: usize) -> bool {
        self.meets(|fault| match fault {
            Fault::CutsUp(left, after) if length > after && here >= after => {
                Some((left, Fault::CutsUp(left - 1, after)))
            }
            _ => None,
        })
    }

    pub fn stalls(&mut self, asked: &Asked) -> bool {
        if let Some(Fault::Stalls(at)) = self.fault {
            let what = format!("{}?partNumber={}", decoded(&asked.path), asked.query("partNumber").unwrap_or_default());
            self.dead |= asked.method == "PUT" && what.contains(at);
        }
        self.dead
    }

    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let busy = self.meets(|fault| match fault {
            Fault::Busy(left) => Some((left, Fault::Busy(left - 1))),
            _ => None,
        });
        if busy {
            return error(503, "SlowDown");
        }
        if let Some(code) = signed::refusal(asked, ACCESS_KEY, SECRET_KEY, jiff::Timestamp::now()) {
            self.refused += 1;
            return error(403, code);
        }
        let path = decoded(&asked.path);
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket != BUCKET {
            return error(404, "NoSuchBucket");
        }
        let upload = asked.query("uploadId");
        match (asked.method.as_str(), key) {
            ("GET", "") if asked.query("uploads").is_some() => self.list_uploads(asked),
            ("GET", "") => self.list(asked),
            ("GET" | "HEAD", key) => self.get(asked, key),
            ("PUT", key) if !key.is_empty() => self.take(asked, key),
            ("POST", key) if asked.query("uploads").is_some() => self.begin(key),
            ("POST", _) if upload.is_some() => self.complete(asked, upload.unwrap_or_default()),
            ("DELETE", _) if upload.is_some() => match self.uploads.remove(upload.unwrap_or_default()) {
                Some(_) => plain(204, Vec::new()),
                None => error(404, "NoSuchUpload"),
            },
            ("DELETE", key) if !key.is_empty() => {
                self.objects.remove(key);
                plain(204, Vec::new())
            }
            _ => error(400, "InvalidRequest"),
        }
    }

    fn take(&mut self, asked: &Asked, key: &str) -> Answer {
        let mut bytes = asked.body.clone();
        let damaged = self.meets(|fault| match fault {
            Fault::Damages(left) => Some((left, Fault::Damages(left - 1))),
            _ => None,
        });
        if let (true, Some(first)) = (damaged, bytes.first_mut()) {
            *first ^= 1;
        }
        let digest = Md5::digest(&bytes);
        let Some(said) = asked.header("content-md5") else { return error(400, "MissingContentMD5") };
        if STANDARD.encode(digest) != said {
            return error(400, "BadDigest");
        }
        let etag = hex::encode(digest);
        self.puts.push(key.to_owned());
        if let Some(id) = asked.query("uploadId") {
            let number = asked.query("partNumber").and_then(|number| number.parse().ok()).unwrap_or(0);
            let Some(upload) = self.uploads.get_mut(id).filter(|upload| upload.key == key) else {
                return error(404, "NoSuchUpload");
            };
            upload.parts.insert(number, Object { bytes, etag: etag.clone() });
        } else {
            if asked.header("if-none-match") == Some("*") && self.objects.contains_key(key) {
                return error(412, "PreconditionFailed");
            }
            self.put(key, bytes);
        }
        let mut answer = plain(200, Vec::new());
        answer.headers.push(("etag", format!("\"{etag}\"")));
        self.versioned(answer)
    }

    fn versioned(&self, mut answer: Answer) -> Answer {
        if self.versions {
            answer.headers.push(("x-amz-version-id", "3sL4kqtJlcpXroDTDmJ".to_owned()));
        }
        answer
    }

    fn begin(&mut self, key: &str) -> Answer {
        self.begun += 1;
        let id = format!("upload-{}", self.begun);
        self.uploads.insert(id.clone(), Upload { key: key.to_owned(), parts: BTreeMap::new() });
        xml(
            "InitiateMultipartUploadResult",
            &format!("<Bucket>{BUCKET}</Bucket><Key>{key}</Key><UploadId>{id}</UploadId>"),
        )
    }

    fn complete(&mut self, asked: &Asked, id: &str) -> Answer {
        let Some(upload) = self.uploads.get(id) else { return error(404, "NoSuchUpload") };
        let text = String::from_utf8_lossy(&asked.body).replace("&quot;", "\"");
        let between = |part: &str, name: &str| {
            let (_, rest) = part.split_once(&format!("<{name}>")).unwrap_or_default();
            rest.split('<').next().unwrap_or_default().trim_matches('"').to_owned()
        };
        let (mut bytes, mut digests, mut last) = (Vec::new(), Vec::new(), 0);
        let named: Vec<&str> = text.split("<Part>").skip(1).collect();
        for (at, part) in named.iter().enumerate() {
            let number: usize = between(part, "PartNumber").parse().unwrap_or(0);
            let Some(kept) = upload.parts.get(&number).filter(|kept| kept.etag == between(part, "ETag")) else {
                return error(400, "InvalidPart");
            };
            if number <= last {
                return error(400, "InvalidPartOrder");
            }
            if at + 1 < named.len() && kept.bytes.len() < LEAST_PART {
                return error(400, "EntityTooSmall");
            }
            last = number;
            bytes.extend_from_slice(&kept.bytes);
            digests.extend_from_slice(&Md5::digest(&kept.bytes));
        }
        if named.is_empty() {
            return error(400, "MalformedXML");
        }
        let (key, etag) = (upload.key.clone(), format!("{}-{}", hex::encode(Md5::digest(&digests)), named.len()));
        self.uploads.remove(id);
        let told = xml("CompleteMultipartUploadResult", &format!("<Key>{key}</Key><ETag>&quot;{etag}&quot;</ETag>"));
        self.objects.insert(key, Object { bytes, etag });
        self.versioned(told)
    }

    fn get(&mut self, asked: &Asked, key: &str) -> Answer {
        let Some(object) = self.objects.get(key) else { return error(404, "NoSuchKey") };
        if asked.header("if-match").is_some_and(|etag| etag.trim_matches('"') != object.etag) {
            return error(412, "PreconditionFailed");
        }
        let from: Option<usize> =
            asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        let body = object.bytes.get(from.unwrap_or(0)..).unwrap_or_default().to_vec();
        let mut answer = plain(if from.is_some() { 206 } else { 200 }, body);
        answer.headers.push(("etag", format!("\"{}\"", object.etag)));
        if asked.method == "HEAD" {
            answer.headers.push(("content-length", answer.body.len().to_string()));
            answer.body.clear();
            return answer;
        }
        let length = answer.body.len();
        let mut half = None;
        self.meets(|fault| match fault {
            Fault::CutsDown(left, after) if length > after => Some((left, Fault::CutsDown(left - 1, after))),
            _ => None,
        })
        .then(|| half = Some(length / 2));
        answer.cut = half;
        answer
    }

    fn list(&self, asked: &Asked) -> Answer {
        let of = |name: &str| asked.query(name).unwrap_or_default();
        let (prefix, from, by) = (of("prefix"), of("continuation-token"), of("delimiter"));
        let mut entries = BTreeMap::<String, Option<&Object>>::new();
        for (key, object) in &self.objects {
            let Some(rest) = key.strip_prefix(prefix) else { continue };
            match rest.split_once(by).filter(|_| !by.is_empty()) {
                Some((folder, _)) => drop(entries.insert(format!("{prefix}{folder}{by}"), None)),
                None => drop(entries.insert(key.clone(), Some(object))),
            }
        }
        let mut left = entries.into_iter().skip_while(|(name, _)| !from.is_empty() && name.as_str() <= from).peekable();
        let (mut told, mut last) = (String::new(), String::new());
        for (name, object) in left.by_ref().take(PAGE) {
            told += &match object {
                Some(object) => format!(
                    "<Contents><Key>{name}</Key><LastModified>2026-11-30T01:02:03.000Z</LastModified>\
                     <ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
                    object.etag,
                    object.bytes.len()
                ),
                None => format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"),
            };
            last = name;
        }
        let more = left.peek().is_some();
        if more {
            told += &format!("<NextContinuationToken>{last}</NextContinuationToken>");
        }
        xml("ListBucketResult", &format!("<Name>{BUCKET}</Name><IsTruncated>{more}</IsTruncated>{told}"))
    }

    fn list_uploads(&self, asked: &Asked) -> Answer {
        let prefix = asked.query("prefix").unwrap_or_default();
        let ours = self.uploads.iter().filter(|(_, upload)| upload.key.starts_with(prefix)).take(PAGE);
        let told: String = ours
            .map(|(id, upload)| format!("<Upload><Key>{}</Key><UploadId>{id}</UploadId></Upload>", upload.key))
            .collect();
        xml("ListMultipartUploadsResult", &format!("<Bucket>{BUCKET}</Bucket>{told}"))
    }
}

fn plain(status: u16, body: Vec<u8>) -> Answer {
    Answer { status, headers: Vec::new(), body, cut: None }
}

fn error(status: u16, code: &str) -> Answer {
    plain(
        status,
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>").into_bytes(),
    )
}

fn xml(name: &str, inside: &str) -> Answer {
    let space = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    plain(200, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{name} {space}>{inside}</{name}>").into_bytes())
}
