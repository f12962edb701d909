//! Why a store did not do what it was asked, said so that whoever runs the hospital knows what to do.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("s3.endpoint must be https://…, or http:// on this machine: {0}")]
    Address(String),
    #[error("s3.ca_file: {0}")]
    Authority(String),
    #[error("no S3 client can be made: {0}")]
    Client(String),
    #[error("the store does not answer ({0}): is s3.endpoint right, and the way there open?")]
    Away(String),
    #[error(
        "the store refuses our key ({0}): look at s3.access_key and s3.secret_key_file, and whether this key may list, read, \
         write and delete there"
    )]
    Refused(String),
    #[error("the store says that our clock is wrong ({0}): set the time of this machine (NTP)")]
    Clock(String),
    #[error("the store has no such bucket: make it there, or look at s3.endpoint, s3.region and s3.path_style")]
    NoBucket,
    #[error("the bucket is in another region ({0}): look at s3.region")]
    Region(String),
    #[error("the store is busy and stayed so ({0}): it is asked again later")]
    Busy(String),
    #[error("the store got other bytes than were sent ({0})")]
    Damaged(String),
    #[error("{0} is not there")]
    Missing(String),
    /// `If-None-Match: *` found something.
    #[error("an object of this name is there already")]
    Taken,
    #[error(
        "the bucket keeps old versions of what is replaced and removed, so a destroyed record would stay in it: turn its \
         versioning off, or use another bucket"
    )]
    KeepsOld,
    #[error("the store answers {0} {1}")]
    Answer(u16, String),
    #[error("what the store sends is not what was asked for: {0}")]
    Nonsense(&'static str),
    #[error("{0}")]
    Io(String),
    #[error("it was told to stop")]
    Stopped,
}

impl Trouble {
    pub(crate) fn io(what: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Io(format!("{}: {error}", what.display()))
    }

    /// Asking the same once more may help.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Busy(_) | Self::Damaged(_))
    }
}

/// What an answer that is no success means. `code`: S3's own word for it.
pub(crate) fn of(status: u16, code: &str) -> Trouble {
    let said = || if code.is_empty() { status.to_string() } else { format!("{status} {code}") };
    match (status, code) {
        (_, "NoSuchBucket") => Trouble::NoBucket,
        (_, "RequestTimeTooSkewed" | "RequestExpired") => Trouble::Clock(said()),
        (_, "BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch") => Trouble::Damaged(said()),
        (_, "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "PermanentRedirect")
        | (301 | 307, _) => Trouble::Region(said()),
        (_, "RequestTimeout" | "SlowDown" | "OperationAborted" | "ConditionalRequestConflict") => Trouble::Busy(said()),
        (412, _) => Trouble::Taken,
        (401 | 403, _) => Trouble::Refused(said()),
        (404, _) => Trouble::Missing("the object".into()),
        (408 | 429 | 500 | 502..=504, _) => Trouble::Busy(said()),
        _ => Trouble::Answer(status, code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_look_at() {
        for (status, code, words) in [
            (403, "SignatureDoesNotMatch", "s3.access_key"),
            (403, "", "s3.secret_key_file"),
            (403, "RequestTimeTooSkewed", "NTP"),
            (404, "NoSuchBucket", "make it there"),
            (301, "", "s3.region"),
            (400, "AuthorizationHeaderMalformed", "s3.region"),
            (503, "SlowDown", "busy"),
        ] {
            let told = of(status, code).to_string();
            assert!(told.contains(words), "{told}");
        }
        assert!(of(503, "SlowDown").passes() && of(400, "BadDigest").passes() && of(500, "").passes());
        assert!(!of(403, "AccessDenied").passes() && !of(412, "PreconditionFailed").passes());
    }
}
