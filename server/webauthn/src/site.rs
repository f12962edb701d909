//! Where a browser has the program open: a key is made for one site and answers on no other.

use std::net::IpAddr;

/// An origin over HTTPS whose host is a name. Browsers lend no key to a page that was opened by a bare address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    origin: String,
    host: String,
}

impl Site {
    /// `https://host` or `https://host:port`, as a browser writes it. None for an address, another scheme, or a path.
    pub fn parse(origin: &str) -> Option<Self> {
        let authority = origin.strip_prefix("https://")?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        if !is_name(host) {
            return None;
        }
        match port {
            None => {}
            // A browser leaves the usual port out, and writes no leading nought.
            Some(port) => {
                let number: u16 = port.parse().ok()?;
                if number == 0 || number == 443 || number.to_string() != port {
                    return None;
                }
            }
        }
        Some(Self { origin: origin.to_owned(), host: host.to_owned() })
    }

    /// This host at this port. None where the host is an address.
    pub fn at(host: &str, port: u16) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        match port {
            443 => Self::parse(&format!("https://{host}")),
            port => Self::parse(&format!("https://{host}:{port}")),
        }
    }

    /// As the browser's account of what it was asked names it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What keys are made for: the relying party's id.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What a browser that is there sends as `Host`.
    pub fn authority(&self) -> &str {
        self.origin.strip_prefix("https://").unwrap_or(&self.origin)
    }
}

fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    // `1.2.3` is an address to a browser, too.
    let number = host.rsplit('.').next().is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.len() <= 253 && !number && host.parse::<IpAddr>().is_err() && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_name() {
        for good in
            ["https://localhost:8443", "https://benhan.bvx.vn", "https://may-chu", "https://xn--bnh-vna.vn:9443"]
        {
            assert_eq!(Site::parse(good).expect(good).origin(), good);
        }
        for bad in [
            "http://benhan.vn",
            "https://10.0.0.5",
            "https://10.0.0.5:8443",
            "https://[::1]:8443",
            "https://1.2",
            "https://benhan.vn/",
            "https://Benhan.vn",
            "https://benhan.vn:443",
            "https://benhan.vn:08443",
            "https://benhan.vn:99999",
            "https://benhan..vn",
            "https://a@b.vn",
            "https://",
        ] {
            assert_eq!(Site::parse(bad), None, "{bad}");
        }
        assert_eq!(Site::at("Benhan.VN", 443).expect("a site").origin(), "https://benhan.vn");
        assert_eq!(Site::at("localhost", 8443).expect("a site").authority(), "localhost:8443");
        assert_eq!(Site::at("127.0.0.1", 8443), None);
    }
}
