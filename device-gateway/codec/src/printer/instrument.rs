//! The instruments and their layouts, as data.

/// An instrument with a printer port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instrument {
    /// Sysmex KX-21 and others in K-1000 format, `D1U`: haematology.
    SysmexK1000,
    /// Arkray Spotchem EL SE-1520: electrolytes.
    SpotchemEl,
    /// bioMérieux mini VIDAS: immunoassays, fields with tags.
    MiniVidas,
}

/// What a text looks like.
pub(super) enum Form {
    Fixed(&'static Fixed),
    Labelled(&'static Labelled),
    Tagged,
}

/// Characters at fixed places, counted behind STX.
pub(super) struct Fixed {
    /// All characters between STX and ETX.
    pub length: usize,
    pub head: &'static [u8],
    /// What tells a patient's sample from a control, and where.
    pub sample: (usize, u8),
    pub specimen: (usize, usize),
    pub fields: &'static [Place],
}

/// Digits without a point, and a character behind them that is `0` when all is well.
pub(super) struct Place {
    pub code: &'static str,
    pub at: usize,
    pub digits: usize,
    pub exponent: i8,
    /// The unit that the instrument shows; the text does not say it.
    pub unit: &'static str,
}

/// Words: date, time, `ID#` and the specimen, the material in brackets, then a label, number and unit of each.
pub(super) struct Labelled {
    pub specimen: &'static str,
    pub codes: &'static [&'static str],
}

impl Instrument {
    pub(super) fn form(self) -> Form {
        match self {
            Self::SysmexK1000 => Form::Fixed(&K1000),
            Self::SpotchemEl => Form::Labelled(&SPOTCHEM),
            Self::MiniVidas => Form::Tagged,
        }
    }

    /// Whether it waits for an acknowledgement. The others print and do not listen.
    #[must_use]
    pub fn listens(self) -> bool {
        match self {
            Self::SysmexK1000 | Self::MiniVidas => true,
            Self::SpotchemEl => false,
        }
    }

    /// Whether its text ends with a group separator and a checksum instead of ETX.
    pub(super) fn has_checksum(self) -> bool {
        matches!(self, Self::MiniVidas)
    }
}

const fn place(code: &'static str, at: usize, exponent: i8, unit: &'static str) -> Place {
    Place { code, at, digits: 4, exponent, unit }
}

#[rustfmt::skip]
static K1000: Fixed = Fixed {
    length: 119,
    head: b"D1",
    sample: (2, b'U'),
    specimen: (10, 12),
    fields: &[
        place("WBC", 29, -1, "10*3/uL"),
        place("RBC", 34, -2, "10*6/uL"),
        place("HGB", 39, -1, "g/dL"),
        place("HCT", 44, -1, "%"),
        place("MCV", 49, -1, "fL"),
        place("MCH", 54, -1, "pg"),
        place("MCHC", 59, -1, "g/dL"),
        place("PLT", 64, 0, "10*3/uL"),
        place("LYM%", 69, -1, "%"),
        place("MXD%", 74, -1, "%"),
        place("NEUT%", 79, -1, "%"),
        place("LYM#", 84, -1, "10*3/uL"),
        place("MXD#", 89, -1, "10*3/uL"),
        place("NEUT#", 94, -1, "10*3/uL"),
        place("MPV", 109, -1, "fL"),
    ],
};

static SPOTCHEM: Labelled = Labelled { specimen: "ID#", codes: &["Na", "K", "Cl"] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_lies_on_another_or_outside_the_text() {
        let mut end = K1000.specimen.0 + K1000.specimen.1;
        for field in K1000.fields {
            assert!(field.at >= end, "{}", field.code);
            end = field.at + field.digits + 1;
        }
        assert!(end <= K1000.length);
    }
}
