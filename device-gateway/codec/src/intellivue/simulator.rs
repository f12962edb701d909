//! A monitor's side, laid out by hand from the programming guide. It shares no code with the decoder.
#![expect(clippy::as_conversions, reason = "a test lays octets out")]

/// Big-endian words.
pub fn be(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| [(word >> 8) as u8, (word & 0xFF) as u8]).collect()
}

fn sized(head: &[u16], body: &[u8]) -> Vec<u8> {
    [be(head), be(&[body.len() as u16]), body.to_vec()].concat()
}

/// An attribute or object list.
fn listed(items: &[Vec<u8>]) -> Vec<u8> {
    let body = items.concat();
    [be(&[items.len() as u16, body.len() as u16]), body].concat()
}

fn data(kind: u16, body: &[u8]) -> Vec<u8> {
    [be(&[0xE100, 2]), sized(&[kind], body)].concat()
}

pub fn attribute(id: u16, value: &[u8]) -> Vec<u8> {
    sized(&[id], value)
}

/// 2026-11-30 and this time of day, in BCD.
pub fn bcd(hour: u8, minute: u8, second: u8) -> Vec<u8> {
    let bcd = |number: u8| ((number / 10) << 4) | (number % 10);
    vec![0x20, 0x26, 0x11, 0x30, bcd(hour), bcd(minute), bcd(second), 0]
}

pub const NO_TIME: [u8; 8] = [0xFF; 8];

pub fn clocks(civil: &[u8], counter: u32) -> Vec<Vec<u8>> {
    vec![attribute(0x0987, civil), attribute(0x098F, &counter.to_be_bytes()), attribute(0x091E, &label("ICU 5"))]
}

pub fn label(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    sized(&[], &be(&units))
}

/// The monitor's report that it exists.
pub fn created(attributes: &[Vec<u8>], counter: u32) -> Vec<u8> {
    let object = be(&[0x0021, 0, 0]);
    let info = [object.clone(), listed(attributes)].concat();
    let report = [object, counter.to_be_bytes().to_vec(), sized(&[0x0D06], &info)].concat();
    data(1, &sized(&[1, 1], &report))
}

/// A numeric: term, state, unit, FLOAT.
pub fn number(term: u16, state: u16, unit: u16, float: u32) -> Vec<u8> {
    [be(&[term, state, unit]), float.to_be_bytes().to_vec()].concat()
}

pub struct Answer {
    pub invoke: u16,
    pub class: u16,
    pub counter: u32,
    pub civil: Vec<u8>,
    /// Handle and attributes of each object.
    pub objects: Vec<(u16, Vec<Vec<u8>>)>,
}

impl Answer {
    fn body(&self, extended: bool) -> Vec<u8> {
        let objects: Vec<Vec<u8>> =
            self.objects.iter().map(|(handle, attributes)| [be(&[*handle]), listed(attributes)].concat()).collect();
        let context = [be(&[0]), listed(&objects)].concat();
        let mut head = be(&[1]);
        if extended {
            head.extend(be(&[9]));
        }
        head.extend(self.counter.to_be_bytes());
        head.extend(&self.civil);
        head.extend(be(&[1, self.class, 0]));
        let poll = [head, listed(&[context])].concat();
        let action = if extended { 0xF13B } else { 0x0C16 };
        sized(&[self.invoke, 7], &[be(&[0x0021, 0, 0]), sized(&[action], &poll)].concat())
    }

    pub fn last(&self) -> Vec<u8> {
        data(2, &self.body(false))
    }

    pub fn extended(&self) -> Vec<u8> {
        data(2, &self.body(true))
    }

    pub fn linked(&self, place: u8, count: u8) -> Vec<u8> {
        data(5, &[vec![place, count], self.body(false)].concat())
    }
}

pub fn error(invoke: u16) -> Vec<u8> {
    data(3, &be(&[invoke, 0, 0]))
}

/// What a poll of ours asks for: its invoke id and class.
pub fn asked(message: &[u8]) -> Option<(u16, u16)> {
    let word = |at: usize| Some(u16::from(*message.get(at)?) << 8 | u16::from(*message.get(at + 1)?));
    (message.first() == Some(&0xE1) && word(4) == Some(1)).then_some((word(8)?, word(32)?))
}

/// On the serial line, with the checksum by another way: bit by bit, reflected afterwards.
pub fn serial(message: &[u8]) -> Vec<u8> {
    let plain = [vec![0x11, 0x01], be(&[message.len() as u16]), message.to_vec()].concat();
    let mut crc = 0xFFFFu16;
    for byte in &plain {
        crc ^= u16::from(byte.reverse_bits()) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
        }
    }
    let sum = !crc.reverse_bits();
    let mut bytes = vec![0xC0];
    for byte in plain.into_iter().chain([(sum & 0xFF) as u8, (sum >> 8) as u8]) {
        match byte {
            0xC0 => bytes.extend([0x7D, 0xE0]),
            0xC1 => bytes.extend([0x7D, 0xE1]),
            0x7D => bytes.extend([0x7D, 0x5D]),
            other => bytes.push(other),
        }
    }
    bytes.push(0xC1);
    bytes
}
