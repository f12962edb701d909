//! The browser's account of what it was asked: which question, on which page. The key signs its hash.

use crate::{CHALLENGE, MOST_CLIENT_DATA, Refused, Site};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    Create,
    Get,
}

/// Browsers add what they like beside these, so that nobody relies on the order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<String>,
}

fn parse(bytes: &[u8]) -> Result<ClientData, Refused> {
    if bytes.len() > MOST_CLIENT_DATA {
        return Err(Refused::TooLong);
    }
    serde_json::from_slice(bytes).map_err(|_| Refused::Malformed)
}

/// The challenge that this claims to answer: to find out what was asked, and no proof of anything.
pub fn challenge_of(client_data: &[u8]) -> Option<[u8; CHALLENGE]> {
    let text = parse(client_data).ok()?.challenge;
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

pub fn check(bytes: &[u8], ceremony: Ceremony, challenge: &[u8; CHALLENGE], site: &Site) -> Result<(), Refused> {
    let said = parse(bytes)?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if said.r#type != kind {
        return Err(Refused::OtherCeremony);
    }
    if said.challenge != URL_SAFE_NO_PAD.encode(challenge) {
        return Err(Refused::OtherChallenge);
    }
    // Nobody shows our pages inside theirs.
    if said.origin != site.origin() || said.cross_origin == Some(true) || said.top_origin.is_some() {
        return Err(Refused::OtherOrigin);
    }
    Ok(())
}
