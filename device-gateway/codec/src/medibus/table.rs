//! Codes of measured values: their unit and, where nothing is in doubt, their metric.
//!
//! A code stands here when Dräger's lists for its device families agree on its meaning and unit. Others are
//! read without unit or metric, and nobody charts them.

pub(super) struct Parameter {
    pub code: u8,
    pub ucum: &'static str,
    pub metric: Option<u32>,
}

const fn known(code: u8, ucum: &'static str, metric: u32) -> Parameter {
    Parameter { code, ucum, metric: Some(metric) }
}

const fn unit(code: u8, ucum: &'static str) -> Parameter {
    Parameter { code, ucum, metric: None }
}

/// Code page 1. Pressures are in mbar as the device measures; 1 mbar is 1.02 cm H2O.
#[rustfmt::skip]
const PAGE_1: &[Parameter] = &[
    unit(0x07, "L/bar"),             // compliance
    unit(0x08, "mbar.s/L"),          // resistance
    unit(0x09, "mL/min"),            // CO2 production
    unit(0x6B, "mbar"),              // ambient pressure
    unit(0x71, "mbar"),              // minimal airway pressure
    unit(0x72, "mbar"),              // occlusion pressure P0.1
    known(0x73, "mbar", 151_795),    // mean airway pressure
    known(0x74, "mbar", 151_784),    // plateau pressure
    known(0x78, "mbar", 151_976),    // PEEP
    known(0x79, "mbar", 151_808),    // intrinsic PEEP
    known(0x7D, "mbar", 151_817),    // peak pressure
    unit(0x81, "mL"),                // trapped volume
    known(0x88, "mL", 151_868),      // tidal volume
    unit(0x89, "mL"),                // dead space
    unit(0x8A, "%"),                 // dead space of tidal volume
    unit(0xAC, "1"),                 // MAC, inspired
    unit(0xAD, "1"),                 // MAC, expired
    known(0xAE, "%", 152_168),       // desflurane, inspired
    known(0xAF, "%", 152_084),       // desflurane, end-tidal
    known(0xB0, "%", 152_180),       // sevoflurane, inspired
    known(0xB1, "%", 152_096),       // sevoflurane, end-tidal
    unit(0xB3, "%"),                 // leakage
    unit(0xB4, "/min"),              // respiration rate by pressure
    unit(0xB5, "/min"),              // spontaneous respiration rate
    unit(0xB7, "L/min"),             // spontaneous minute volume
    known(0xB9, "L/min", 151_880),   // minute volume
    unit(0xBD, "s"),                 // apnoea
    known(0xC1, "Cel", 150_356),     // airway temperature
    unit(0xC4, "%"),                 // oxygen, inspired less expired
    known(0xD5, "/min", 151_594),    // respiration rate by CO2
    known(0xD6, "/min", 151_562),    // respiration rate
    known(0xD7, "/min", 151_570),    // respiration rate by volume or flow
    known(0xDA, "%", 151_718),       // CO2, inspired
    known(0xDB, "%", 151_708),       // CO2, end-tidal
    known(0xE1, "/min", 149_530),    // pulse by oximetry
    known(0xE3, "kPa", 151_728),     // CO2, end-tidal
    known(0xE5, "mm[Hg]", 151_738),  // CO2, inspired
    known(0xE6, "mm[Hg]", 151_728),  // CO2, end-tidal
    known(0xEB, "%", 150_456),       // SpO2
    known(0xEF, "%", 152_440),       // oxygen, end-tidal
    known(0xF0, "%", 152_196),       // oxygen, inspired
    known(0xF8, "%", 152_184),       // isoflurane, inspired
    known(0xF9, "%", 152_100),       // isoflurane, end-tidal
    known(0xFB, "%", 152_192),       // nitrous oxide, inspired
    known(0xFC, "%", 152_108),       // nitrous oxide, expired
    known(0xFF, "kPa", 151_738),     // CO2, inspired
];

/// Code page 2.
#[rustfmt::skip]
const PAGE_2: &[Parameter] = &[
    unit(0x00, "mL"),                // spontaneous tidal volume
    unit(0x06, "mbar/L"),            // elastance
    unit(0x07, "s"),                 // time constant
    unit(0x21, "mL"),                // expiratory tidal volume
    unit(0x22, "mL"),                // inspiratory tidal volume
    unit(0x23, "mbar"),              // end-inspiratory pressure
];

pub(super) fn parameter(page: u8, code: u8) -> Option<&'static Parameter> {
    let table = if page == 1 { PAGE_1 } else { PAGE_2 };
    table.iter().find(|parameter| parameter.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ieee11073::metric;

    #[test]
    fn each_code_stands_once_and_each_metric_is_one_that_we_know() {
        for table in [PAGE_1, PAGE_2] {
            assert!(table.windows(2).all(|pair| pair[0].code < pair[1].code));
            for parameter in table {
                assert!(parameter.metric.is_none_or(|code| metric(code).is_some()), "{:02X}", parameter.code);
            }
        }
    }
}
