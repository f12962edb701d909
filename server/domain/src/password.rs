//! What a password must be: long, of several kinds of signs, and not made of the name that everybody knows.

/// As the hospital set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Characters, at least.
    pub least: usize,
    /// Of small letters, capitals, digits and other signs, at least so many kinds.
    pub groups: usize,
}

/// 14 characters where no second factor is asked for; 8 is the floor of every rule that there is.
const FLOOR: usize = 8;
const MOST_BYTES: usize = 256;

impl Default for Rules {
    fn default() -> Self {
        Self { least: 14, groups: 3 }
    }
}

impl Rules {
    /// The sentence for whoever chooses one that does not fit.
    pub fn check(self, password: &str, username: &str) -> Result<(), String> {
        let least = self.least.max(FLOOR);
        if password.chars().count() < least {
            return Err(format!("Mật khẩu có ít nhất {least} ký tự"));
        }
        if password.len() > MOST_BYTES {
            return Err(format!("Mật khẩu dài quá {MOST_BYTES} byte: chọn câu ngắn hơn"));
        }
        let groups = groups(password);
        let asked = self.groups.min(4);
        if groups < asked {
            return Err(format!(
                "Mật khẩu cần ít nhất {asked} trong 4 nhóm: chữ thường, chữ hoa, chữ số, dấu khác (cách, gạch, chấm…)"
            ));
        }
        let plain = password.to_lowercase();
        let mut distinct: Vec<char> = plain.chars().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < 5 || plain.replace(username, "").chars().count() < 6 {
            return Err("Mật khẩu quá dễ đoán: dùng một câu dài, không lặp lại và không theo tên đăng nhập".to_owned());
        }
        Ok(())
    }
}

fn groups(password: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        char::is_lowercase,
        char::is_uppercase,
        |c| c.is_ascii_digit(),
        |c| !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii_digit(),
    ];
    kinds.into_iter().filter(|kind| password.chars().any(kind)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: SEC-3
    #[test]
    fn a_password_that_everybody_would_try_is_refused() {
        let rules = Rules::default();
        for weak in ["ngan", "aaaaaaaaaaaaA1", "quantri-Quantri1", "11111222223333344", "matkhaudaidaidai"] {
            assert!(rules.check(weak, "quantri").is_err() || rules.check(weak, "ngan").is_err(), "{weak}");
        }
        assert!(rules.check("Mat-khau-dai1", "ngan").is_err(), "thirteen characters");
        rules.check("Một câu dài dễ nhớ", "quantri").expect("a sentence has capitals, letters and spaces");
        rules.check("Mat-khau-thu-1", "dd").expect("fourteen characters of four kinds");
    }

    #[test]
    fn a_hospital_may_ask_for_less_but_never_for_next_to_nothing() {
        let loose = Rules { least: 1, groups: 1 };
        assert!(loose.check("abcdefg", "x").is_err(), "seven characters");
        loose.check("abcdefgh", "x").expect("eight");
    }
}
