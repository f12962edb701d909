//! A monitor's side, written from the document. It shares no code with the decoder: records are laid out by
//! hand, and bytes are escaped by replacing.

/// A record of displayed values: the class, and little-endian words at places of the class.
pub fn displayed(class: u16, words: &[(usize, i16)]) -> Vec<u8> {
    let mut values = [0u8; 270];
    for (at, word) in words {
        values[*at..*at + 2].copy_from_slice(&word.to_le_bytes());
    }
    let mut subrecord = 1_767_225_600u32.to_le_bytes().to_vec();
    subrecord.extend(values);
    subrecord.extend([7, 0]);
    subrecord.extend((class << 8).to_le_bytes());
    record(0, 1, &subrecord)
}

pub fn record(main_type: u16, kind: u8, subrecord: &[u8]) -> Vec<u8> {
    let mut all = vec![0; 40];
    all[..2].copy_from_slice(&u16::try_from(40 + subrecord.len()).unwrap().to_le_bytes());
    all[2] = 1;
    all[3] = 10;
    all[6..10].copy_from_slice(&1_767_225_600u32.to_le_bytes());
    all[14..16].copy_from_slice(&main_type.to_le_bytes());
    all[18] = kind;
    all[21] = 0xFF;
    all.extend(subrecord);
    all
}

/// The alarm status with these texts and colours.
pub fn alarm(messages: &[(&[u8], u16)]) -> Vec<u8> {
    let mut subrecord = vec![0; 510];
    for (index, (text, colour)) in messages.iter().enumerate() {
        let at = 10 + index * 98;
        subrecord[at..at + text.len()].copy_from_slice(text);
        subrecord[at + 82..at + 84].copy_from_slice(&colour.to_le_bytes());
    }
    record(4, 1, &subrecord)
}

/// On the line.
pub fn sent(record: &[u8]) -> Vec<u8> {
    let checksum = record.iter().map(|byte| u64::from(*byte)).sum::<u64>() % 256;
    let plain: Vec<u8> = record.iter().copied().chain([u8::try_from(checksum).unwrap()]).collect();
    let escaped = plain.iter().flat_map(|byte| match byte {
        0x7D => vec![0x7D, 0x5D],
        0x7E => vec![0x7D, 0x5E],
        other => vec![*other],
    });
    [0x7E].into_iter().chain(escaped).chain([0x7E]).collect()
}
