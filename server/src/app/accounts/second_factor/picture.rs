//! The picture that a phone reads: drawn here, so that a secret meets no service outside.

use super::otp;
use crate::app::AppError;
use qrcode::{Color, EcLevel, QrCode};

/// Modules a side, and the dark ones as the path of an SVG of that size.
pub struct Picture {
    pub size: usize,
    pub path: String,
}

/// What the phone shows beside the code is `name` at `house`: plain letters, so that the picture stays coarse.
pub fn draw(house: &str, name: &str, secret: &[u8]) -> Result<Picture, AppError> {
    let secret = otp::base32(secret);
    let (house, name) = (escaped(house), escaped(name));
    let uri = format!("otpauth://totp/{house}:{name}?secret={secret}&issuer={house}&algorithm=SHA1&digits=6&period=30");
    let code = QrCode::with_error_correction_level(uri.as_bytes(), EcLevel::M)
        .map_err(|e| AppError::Internal(format!("a second factor's picture: {e}")))?;
    let size = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(size).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, module)| **module == Color::Dark) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Ok(Picture { size, path })
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_corners_and_no_secret_in_words() {
        let drawn = draw("Benhan 33001", "quantri", b"12345678901234567890").expect("a picture");
        assert!(drawn.size > 30 && drawn.path.starts_with("M0 0h1v1h-1zM1 0"));
        assert_eq!(escaped("Bệnh 1"), "B%E1%BB%87nh%201");
    }
}
