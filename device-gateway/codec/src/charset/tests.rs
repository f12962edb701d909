use super::*;
use proptest::prelude::*;

/// Every letter that Vietnamese has beyond ASCII.
const LETTERS: &str = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ\
    ÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬÈẺẼÉẸÊỀỂỄẾỆÌỈĨÍỊÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢÙỦŨÚỤƯỪỬỮỨỰỲỶỸÝỴĐ";

const FAMILY: &str = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Trịnh Đinh Đoàn Mai Tô Hà Châu Tạ Cao Lương Lưu Vương Triệu Quách Thạch Giàng Sùng Mùa Y H'";
const MIDDLE: &str = "Văn Thị Hữu Đức Minh Xuân Tiến Bá Công Quốc Trọng Gia Đình Ngọc Quỳnh Thuỳ Mỹ Kim Ánh Thanh Hải Bích Hoàng Việt Như Diễm Phước Thế Chí Khánh";
const GIVEN: &str = "Thắng Dũng Phước Cường Khôi Bách Đạt Lộc Thành Huy Nghĩa Khánh Tâm Trung Ngọc Ẩn Trang Dương Hường Lệ Oanh Hân Tuyết Yến Ngân Hằng Thơm Đạo Hiếu Hậu Hòa Hưởng Ý Ước Ửng Lựu Mẫn Mỹ Nhật Nhựt Phượng Quyên Quý Sỹ Thảo Thủy Tuấn Uyên Vỹ Xuyến Điệp Ưng Ðào";

const NARROW: [Charset; 4] = [Charset::Windows1258, Charset::Tcvn3, Charset::Vni, Charset::Viscii];

/// A small generator of numbers, so that the names are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn of(&mut self, list: &'static str) -> &'static str {
        let words: Vec<&str> = list.split(' ').collect();
        words[self.roll(words.len())]
    }

    fn name(&mut self) -> String {
        let name = format!("{} {} {}", self.of(FAMILY), self.of(MIDDLE), self.of(GIVEN)).replace('Ð', "Đ");
        if self.roll(4) == 0 { name.to_uppercase() } else { name }
    }
}

#[test]
fn every_vietnamese_letter_comes_back_from_every_charset_that_has_them() {
    assert_eq!(LETTERS.chars().count(), 134);
    for charset in Charset::ALL.into_iter().filter(|charset| *charset != Charset::Windows1252) {
        for letter in LETTERS.chars() {
            let bytes = charset.encode(&letter.to_string());
            assert_eq!(charset.decode(&bytes), letter.to_string(), "{charset:?} {bytes:02x?}");
        }
        assert_eq!(
            charset.decode(&charset.encode("Nguyễn Thị Ẩn-2 (½)")).replace('?', "½"),
            "Nguyễn Thị Ẩn-2 (½)",
            "{charset:?}"
        );
    }
}

#[test]
fn a_letter_that_a_charset_lacks_keeps_what_it_can() {
    assert_eq!(Charset::Windows1252.encode("Nguyễn Ổ đ ơ 中"), b"Nguy\xean \xd4 d o ?");
    assert_eq!(unaccented("Nguyễn Thị Đẹp ưỡn"), "Nguyen Thi Dep uon");
}

#[test]
fn names_in_the_old_charsets_are_read() {
    let name = "Nguyễn Văn Đạt";
    for (charset, bytes) in [
        (Charset::Windows1258, &b"Nguy\xea\xden V\xe3n \xd0a\xf2t"[..]),
        (Charset::Tcvn3, b"Nguy\xd4n V\xa8n \xa7\xb9t"),
        (Charset::Viscii, b"Nguy\xadn V\xe5n \xd0\xd5t"),
        (Charset::Vni, b"Nguye\xe3n Va\xean \xd1a\xeft"),
        (Charset::Utf16Le, b"N\0g\0u\0y\0\xc5\x1en\0 \0V\0\x03\x01n\0 \0\x10\x01\xa1\x1et\0"),
    ] {
        assert_eq!(charset.decode(bytes), name, "{charset:?}");
        assert_eq!(charset.encode(name), bytes, "{charset:?}");
        assert_eq!(Charset::of(bytes, b"8859/1", None), charset, "whatever the header says");
    }
}

/// Sentences that everybody knows, as the VNI fonts have them.
#[test]
fn vni_is_read_as_its_users_wrote_it() {
    let latin = |text: &str| text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect::<Vec<u8>>();
    for (vni, text) in [
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        ("ÑOÄC LAÄP - TÖÏ DO - HAÏNH PHUÙC", "ĐỘC LẬP - TỰ DO - HẠNH PHÚC"),
        ("Ngöôøi beänh, thaûo luaän, maét, thaèng, chaúng, maët", "Người bệnh, thảo luận, mắt, thằng, chẳng, mặt"),
    ] {
        assert_eq!(Charset::Vni.decode(&latin(vni)), text);
        assert_eq!(Charset::Vni.encode(text), latin(vni));
    }
}

#[test]
fn a_word_in_capitals_of_the_abc_fonts_is_in_capitals() {
    assert_eq!(
        Charset::Tcvn3.decode(b"NGUY\xd4N V\xa8N \xa7\xb9T, Nguy\xd4n V\xa8n \xa7\xb9t, H\xb5"),
        "NGUYỄN VĂN ĐẠT, Nguyễn Văn Đạt, Hà"
    );
}

#[test]
fn utf_16_shows_itself_by_its_mark_or_its_zeros() {
    let text = "MSH|^~\\&|Đ\r";
    let (little, big) = (Charset::Utf16Le.encode(text), Charset::Utf16Be.encode(text));
    for (bytes, charset) in [
        (little.clone(), Charset::Utf16Le),
        (big.clone(), Charset::Utf16Be),
        ([b"\xff\xfe".to_vec(), little].concat(), Charset::Utf16Le),
        ([b"\xfe\xff".to_vec(), big].concat(), Charset::Utf16Be),
    ] {
        assert_eq!(Charset::of(&bytes, b"8859/1", Some(Charset::Windows1258)), charset);
        assert_eq!(charset.decode(&bytes), text);
    }
    assert_eq!(Charset::of(b"MSH|^~\\&|\0\0", b"UTF-16", None), Charset::Utf8, "bytes that are no UTF-16 are not");
    assert_eq!(Charset::Utf16Le.decode(b"A\0\x00\xd8B\0\x43"), "A\u{fffd}B\u{fffd}");
}

#[test]
fn gb18030_is_read_where_it_was_said_and_not_where_it_is_vietnamese() {
    let chinese = "MSH|^~\\&|迈瑞|血糖|".to_owned();
    let bytes = Charset::Gb18030.encode(&chinese);
    assert_eq!(Charset::of(&bytes, b"GB 18030-2000", None).decode(&bytes), chinese);
    let name = Charset::Tcvn3.encode("Nguyễn Văn Đạt");
    assert_eq!(Charset::of(&name, b"GB 18030-2000", None), Charset::Tcvn3);
    assert!(!Charset::Gb18030.divisible());
}

#[test]
fn units_and_names_of_other_countries_stay_what_was_said() {
    for (bytes, said) in [
        (&b"|\xb5mol/L|mm\xb2|kg/m\xb2|\xb0C|10\xb3|\xb1|\xb5g"[..], Charset::Windows1252),
        (b"M\xfcller Jos\xe9 Garc\xeda", Charset::Windows1252),
        (b"V\xf2", Charset::Windows1252),
    ] {
        assert_eq!(Charset::of(bytes, b"8859/1", None), said);
        assert_eq!(Charset::of(bytes, b"", Some(Charset::Windows1258)), Charset::Windows1258);
        assert_eq!(Charset::of(bytes, b"", None), Charset::Windows1258);
    }
}

/// A name in a known charset, with a header that lies or says nothing. The rates stand in the test's output.
#[test]
fn seeded_names_are_read_right_in_each_charset() {
    let mut dice = Dice(0x5EED_2026);
    let names: Vec<String> = (0..2000).map(|_| dice.name()).collect();
    for charset in NARROW {
        for (header, least) in [(&b""[..], 93), (b"8859/1", 93)] {
            let (mut right, mut all) = (0, 0);
            for name in names.iter().filter(|name| !name.is_ascii()) {
                let bytes = charset.encode(name);
                let read = Charset::of(&bytes, header, None).decode(&bytes);
                all += 1;
                if read == *name {
                    right += 1;
                }
            }
            let header = String::from_utf8_lossy(header);
            println!(
                "{charset:?}, header «{header}»: {right} of {all} names, {:.1} %",
                100.0 * f64::from(right) / f64::from(all)
            );
            assert!(right * 100 >= all * least, "{charset:?} {header}: {right} of {all}");
        }
    }
}

/// Whoever says the truth is never overruled.
#[test]
fn seeded_names_in_the_charset_that_was_said_are_read_in_it() {
    let mut dice = Dice(0x5EED_2027);
    for _ in 0..2000 {
        let name = dice.name();
        for charset in NARROW {
            let bytes = charset.encode(&name);
            assert_eq!(Charset::of(&bytes, b"8859/1", Some(charset)).decode(&bytes), name, "{charset:?}");
        }
        assert_eq!(Charset::of(name.as_bytes(), b"8859/1", Some(Charset::Tcvn3)).decode(name.as_bytes()), name);
    }
}

#[test]
fn a_vietnamese_name_in_windows_1258_is_read_composed() {
    let bytes = b"Nguy\xea\xden V\xe3n \xd0a\xf2t";
    let text = Charset::of(bytes, b"", Some(Charset::Windows1258)).decode(bytes);
    assert_eq!(text, "Nguyễn Văn Đạt");
}

#[test]
fn decomposed_utf8_is_composed() {
    let text = Charset::Utf8.decode("Nguye\u{302}\u{303}n".as_bytes());
    assert_eq!(text, "Nguyễn");
}

#[test]
fn utf8_wins_over_a_header_that_says_latin_1() {
    let message = "MSH|… Trần Thị Ánh".as_bytes();
    assert_eq!(Charset::of(message, b"8859/1", Some(Charset::Windows1258)), Charset::Utf8);
}

#[test]
fn utf8_that_was_cut_in_the_middle_of_a_letter_is_still_utf8() {
    let message = &"MSH|Nguyễn Thị Hườ".as_bytes()[.."MSH|Nguyễn Thị Hườ".len() - 1];
    assert_eq!(Charset::of(message, b"", None).decode(message), "MSH|Nguyễn Thị Hư\u{fffd}");
}

#[test]
fn a_latin_1_header_is_read_as_windows_1252() {
    let bytes = b"caf\xe9 \x80";
    let charset = Charset::of(bytes, b"8859/1", None);
    assert_eq!(charset.decode(bytes), "café €");
}

proptest! {
    #[test]
    fn any_bytes_become_some_text_in_nfc(bytes: Vec<u8>) {
        for charset in Charset::ALL {
            let text = charset.decode(&bytes);
            prop_assert_eq!(text.nfc().collect::<String>(), text);
        }
        let _ = Charset::of(&bytes, b"", None);
    }

    #[test]
    fn any_text_becomes_some_bytes_and_unicode_comes_back(text: String) {
        let composed: String = text.nfc().collect();
        for charset in Charset::ALL {
            let bytes = charset.encode(&text);
            if matches!(charset, Charset::Utf8) {
                prop_assert_eq!(charset.decode(&bytes), composed.clone());
            }
        }
    }
}
