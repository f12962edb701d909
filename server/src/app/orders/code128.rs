//! Code 128, set B (ISO/IEC 15417): the bars of a specimen barcode.

/// Widths of bar, space, bar, space, bar, space for each symbol value; eleven modules each.
const SYMBOLS: [&[u8; 6]; 106] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312", b"132212", b"221213",
    b"221312", b"231212", b"112232", b"122132", b"122231", b"113222", b"123122", b"123221", b"223211", b"221132",
    b"221231", b"213212", b"223112", b"312131", b"311222", b"321122", b"321221", b"312212", b"322112", b"322211",
    b"212123", b"212321", b"232121", b"111323", b"131123", b"131321", b"112313", b"132113", b"132311", b"211313",
    b"231113", b"231311", b"112133", b"112331", b"132131", b"113123", b"113321", b"133121", b"313121", b"211331",
    b"231131", b"213113", b"213311", b"213131", b"311123", b"311321", b"331121", b"312113", b"312311", b"332111",
    b"314111", b"221411", b"431111", b"111224", b"111422", b"121124", b"121421", b"141122", b"141221", b"112214",
    b"112412", b"122114", b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111",
    b"111242", b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112", b"421211", b"212141",
    b"214121", b"412121", b"111143", b"111341", b"131141", b"114113", b"114311", b"411113", b"411311", b"113141",
    b"114131", b"311141", b"411131", b"211412", b"211214", b"211232",
];
const START_B: u32 = 104;
const STOP: &[u8; 7] = b"2331112";

/// Widths in modules, a bar first, then a space, in turn. `None` for text outside printable ASCII.
pub fn widths(text: &str) -> Option<Vec<u8>> {
    let mut values = vec![START_B];
    for byte in text.bytes() {
        values.push(u32::from(byte).checked_sub(32).filter(|v| *v < 95)?);
    }
    let check = (0u32..).zip(&values).fold(START_B, |sum, (at, value)| (sum + at * value) % 103);
    values.push(check);
    let mut widths = Vec::with_capacity(values.len() * 6 + 7);
    for value in values {
        let symbol = SYMBOLS.get(usize::try_from(value).ok()?)?;
        widths.extend(symbol.iter().map(|w| w - b'0'));
    }
    widths.extend(STOP.iter().map(|w| w - b'0'));
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_symbol_is_eleven_modules_and_different() {
        let sums: HashSet<u8> = SYMBOLS.iter().map(|s| s.iter().map(|w| w - b'0').sum()).collect();
        assert_eq!(sums, HashSet::from([11]));
        assert_eq!(SYMBOLS.iter().collect::<HashSet<_>>().len(), SYMBOLS.len());
        // Bars together are always even: that is how a scanner notices a misread edge.
        assert!(SYMBOLS.iter().all(|s| s.iter().step_by(2).map(|w| w - b'0').sum::<u8>() % 2 == 0));
    }

    #[test]
    fn a_barcode_starts_stops_and_carries_its_check_symbol() {
        // "PJJ123C" in set B: 104 + 1·48 + 2·42 + 3·42 + 4·17 + 5·18 + 6·19 + 7·35 = 879, which leaves 55.
        let widths = widths("PJJ123C").expect("printable");
        let check: Vec<u8> = SYMBOLS[55].iter().map(|w| w - b'0').collect();
        assert_eq!(widths.len(), 9 * 6 + 7);
        assert_eq!(widths[8 * 6..9 * 6], check);
        assert_eq!(widths[..6], [2, 1, 1, 2, 1, 4]);
        assert_eq!(widths[9 * 6..], [2, 3, 3, 1, 1, 1, 2]);
    }

    #[test]
    fn what_a_scanner_cannot_read_is_not_drawn() {
        assert_eq!(super::widths("mẫu"), None);
    }
}
