//! What the screens see of second factors: a phone's picture, security keys, and what is asked for at the door.

use crate::shapes::shapes;
use crate::view::Session;

shapes! {
    /// A secret for a phone, good once a code of it was confirmed within 15 minutes. The picture is a QR code: its side in
    /// modules, and the dark ones as the path of an SVG of that size.
    SecondFactorOffer { secret: String, picture_size: usize, picture_path: String }
    /// Ten codes for the day on which phone or key is lost, each good once, shown this once. Empty where those from before
    /// stand.
    SecondFactorSet { session: Session, recovery_codes: Vec<String> }

    /// A credential by its id (base64url), and how a browser reaches it.
    #[derive(PartialEq, Eq)]
    KnownKey { id: String, transports: Vec<String> }
    /// A question to one of these keys, good once, for so long: `challenge` is 32 bytes, base64url.
    #[derive(PartialEq, Eq)]
    SecurityKeyAsked { challenge: String, host: String, keys: Vec<KnownKey>, stands_seconds: i64 }
    /// What is asked for beside the password: a code from the phone, a security key, or either. A recovery code is always
    /// good. `elsewhere`: names of the server that other keys of theirs were made for.
    #[derive(PartialEq, Eq)]
    SecondFactorAsked { code: bool, security_key: Option<SecurityKeyAsked>, elsewhere: Vec<String> }

    /// What a browser needs to have a key made; `known` are not to be made twice.
    SecurityKeyOffer {
        challenge: String, host: String, house: String, user_id: String, username: String, name: String,
        algorithms: Vec<i64>, known: Vec<KnownKey>, stands_seconds: i64,
    }
    SecurityKeyRow { id: String, name: String, host: String, created_at: String, last_used_at: Option<String> }
    /// One's own second factor. `here`: the name by which this browser has the program open; none where that is an address,
    /// where no key can be used. `sites`: where keys can.
    OwnFactor {
        phone: bool, recovery_codes_left: Option<i64>, keys: Vec<SecurityKeyRow>, here: Option<String>, sites: Vec<String>,
    }
}
