//! Writes sample sheets to a directory and prints what each took: `cargo run -p benhan-render --example sheets -- DIR`.

#[path = "../tests/sheets/sample.rs"]
mod sample;

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use benhan_render::{CareColumn, CareCorrection, Pdf, RenderError, Renderer, Source, VitalCorrection, VitalItem};
use sample::{HOUR, NOW, START};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sheets DIR")?);
    std::fs::create_dir_all(&directory)?;
    let started = Instant::now();
    let renderer = Renderer::new()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready in {:.0?}", started.elapsed())?;
    let mut write = |name: &str, make: &dyn Fn() -> Result<Pdf, RenderError>| -> Result<(), Box<dyn Error>> {
        make()?;
        let started = Instant::now();
        let pdf = make()?;
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
    Ok(())
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
