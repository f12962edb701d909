//! The label of a tube: bars that the analyzer reads, and what a nurse compares at the bedside.

use super::code128;
use benhan_domain::time::Instant;
use benhan_store::encounters::Encounter;
use benhan_store::orders::Specimen;
use std::fmt::Write;

/// Quiet zone of ten modules on each side (ISO/IEC 15417 §4.3.4).
const QUIET: u32 = 10;

/// 50 × 25 mm; the bars stretch to the width whatever the length of the code.
pub fn draw(tube: &Specimen, stay: &Encounter, ward: &str, now: Instant) -> String {
    let widths = code128::widths(&tube.barcode).unwrap_or_default();
    let modules: u32 = widths.iter().map(|w| u32::from(*w)).sum::<u32>() + 2 * QUIET;
    let (mut bars, mut x) = (String::new(), QUIET);
    for (at, width) in widths.iter().enumerate() {
        if at % 2 == 0 {
            // Writing to a String cannot fail.
            let _ = write!(bars, r#"<rect x="{x}" width="{width}" height="1"/>"#);
        }
        x += u32::from(*width);
    }
    let who = &stay.patient.who;
    let born = who.birth_date.map_or_else(|| "?".to_owned(), |b| b.year().to_string());
    let bed = stay.bed.as_ref().map_or_else(String::new, |b| format!(" · giường {}", b.label));
    let taken = Instant(tube.collected_at.unwrap_or(now.0)).in_vietnam().strftime("%d/%m/%Y %H:%M").to_string();
    let line = |y: &str, size: &str, text: &str| {
        format!(r#"<text x="25" y="{y}" font-size="{size}" text-anchor="middle">{}</text>"#, escape(text))
    };
    let code = format!("{} · {} · {born}", stay.patient.code, who.sex.vietnamese());
    [
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="50mm" height="25mm" viewBox="0 0 50 25" font-family="sans-serif">"#,
        r##"<rect width="50" height="25" fill="#fff"/>"##,
        &line("3.6", "3", &short(&who.name, 30)),
        &line("6.8", "2.4", &code),
        &format!(
            r#"<svg x="0" y="8" width="50" height="9" viewBox="0 0 {modules} 1" preserveAspectRatio="none" shape-rendering="crispEdges">{bars}</svg>"#
        ),
        &line("20", "2.8", &tube.barcode),
        &line("23.4", "2.2", &short(&format!("{} · {ward}{bed} · {taken}", tube.specimen_type), 48)),
        "</svg>",
    ]
    .concat()
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_write_markup() {
        assert_eq!(escape("<script>&\"Lê"), "&lt;script&gt;&amp;&quot;Lê");
        assert_eq!(short("Nguyễn Thị Ánh", 9), "Nguyễn T…");
    }
}
