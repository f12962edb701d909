//! Writes sample sheets to a directory and prints what each took: `cargo run -p benhan-render --example sheets -- DIR`.
//! A second directory holds forms (`server/forms`, or a hospital's own) that are tried without a build; a third argument
//! is the beginning of the names that are wanted.

#[path = "../tests/sheets/sample.rs"]
mod sample;

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use benhan_domain::form::{sample as some_values, values};
use benhan_render::{CareColumn, CareCorrection, Pdf, RenderError, Renderer, Source, VitalCorrection, VitalItem};
use sample::{HOUR, NOW, START};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sheets DIR")?);
    std::fs::create_dir_all(&directory)?;
    let started = Instant::now();
    let own = std::env::args_os().nth(2).map_or(Ok(Vec::new()), |from| read_all(PathBuf::from(from)))?;
    let (renderer, flaws) = Renderer::examine(own.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready in {:.0?}", started.elapsed())?;
    for flaw in flaws {
        writeln!(out, "flaw: {flaw}")?;
    }
    let only = std::env::args().nth(3).unwrap_or_default();
    let mut write = |name: &str, make: &dyn Fn() -> Result<Pdf, RenderError>| -> Result<(), Box<dyn Error>> {
        if !name.starts_with(&only) {
            return Ok(());
        }
        let started = Instant::now();
        let pdf = match make() {
            Err(RenderError::Typeset { form, at, message }) => {
                return Err(format!("{form}: {at}: {}", message.reveal()).into());
            }
            made => made?,
        };
        let took = started.elapsed();
        std::fs::write(directory.join(name), &pdf.bytes)?;
        writeln!(out, "{name}: {} pages, {} kB, {took:.1?}", pdf.pages, pdf.bytes.len() / 1024)?;
        Ok(())
    };
    for (count, hours) in [(0, 12.0), (1, 12.0), (14, 11.9), (60, 3.0), (300, 1.0)] {
        let mut chart = worked_over(sample::chart(count, hours));
        let files = sample::attach(&mut chart);
        write(&format!("vital-{count:03}.pdf"), &|| renderer.vital_chart(&chart, &files, NOW))?;
    }
    let mut ward: Vec<_> =
        (1..9).map(|n| sample::lying(&format!("G{n:02}"), "Nguyễn Thị Diễm Hường", &format!("26.00000{n}"))).collect();
    if let [first, second, ..] = ward.as_mut_slice() {
        first.allergies = vec!["Penicillin (sốc phản vệ 2019)".into(), "tôm, cua".into()];
        first.same_name = true;
        (second.orders, second.treatment, second.results) = (vec![], vec![], vec![]);
    }
    write("kit.pdf", &|| renderer.kit(&sample::kit(&renderer, ward.clone(), 2)))?;
    for count in [0, 5, 60] {
        let mut sheet = sample::care(count);
        if let Some(entry) = sheet.entries.get_mut(1) {
            entry.corrections.push(CareCorrection {
                column: CareColumn::Progress,
                before: "Lần 1: người bệnh lơ mơ.".into(),
                reason: "gõ nhầm người".into(),
                by: entry.author.clone(),
                at: entry.at + HOUR,
                version: 2,
            });
        }
        write(&format!("care-{count:03}.pdf"), &|| renderer.care_sheet(&sheet, &[], NOW))?;
    }
    for form in renderer.forms().iter().filter(|form| form.is_filled()) {
        write(&format!("{}-blank.pdf", form.code), &|| renderer.blank(form, sample::letterhead(), NOW))?;
        let values =
            values::read(form, &some_values(form, 3)).map_err(|faults| format!("{}: {faults:?}", form.code))?;
        let sheet = sample::filled(form, &values);
        write(&format!("{}.pdf", form.code), &|| renderer.form_sheet(form, &sheet, &[], NOW))?;
    }
    Ok(())
}

fn read_all(from: PathBuf) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml" || e == "typ") {
            files.push((
                path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path)?,
            ));
        }
    }
    Ok(files)
}

/// Corrections, a remark, a device, a withdrawn and an unsigned set, where the chart is long enough.
fn worked_over(mut chart: benhan_render::VitalChart) -> benhan_render::VitalChart {
    for (n, set) in chart.sets.iter_mut().enumerate() {
        match n {
            2 => set.corrections.push(VitalCorrection {
                item: VitalItem::Pulse,
                before: "48".into(),
                after: "102".into(),
                reason: "gõ nhầm số".into(),
                by: set.author.clone(),
                at: START + 30 * HOUR,
                version: 2,
            }),
            4 => set.source = Source::Device("Monitor M-12".into()),
            5 => set.note = "Người bệnh đỡ khó thở, ho khạc đờm trắng đục; đã báo bác sĩ trực.".into(),
            6 => set.signature = None,
            8 => set.withdrawn = Some("ghi nhầm người bệnh".into()),
            10 => set.readings.pulse = Some(196.0),
            _ => {}
        }
    }
    chart
}
