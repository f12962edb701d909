//! `benhan policy`: who may do what, as the program decides it. For the security officer's file.

use crate::cli::Place;
use crate::{config, say};
use benhan_domain::access::{Role, Verb};
use benhan_server::app::policy;
use benhan_server::view_access::PolicyLine;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Comma-separated values, for a spreadsheet
    #[arg(long)]
    csv: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let lines = policy::lines(config::read(&args.place)?.access.doctors);
    say::line(&if args.csv { csv(&lines) } else { table(&lines) });
    Ok(())
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::View => "xem",
        Verb::Create => "nhập mới",
        Verb::Edit => "chỉnh sửa",
        Verb::Cancel => "hủy",
        Verb::Restore => "khôi phục",
    }
}

fn reach(word: &str) -> &'static str {
    match word {
        "ward" => "khoa",
        "facility" => "viện",
        "granted" => "cho",
        _ => "-",
    }
}

pub(super) fn cells(line: &PolicyLine) -> Vec<String> {
    let readers = if line.of_readers { "*" } else { "" };
    let mut cells = vec![line.subject_name.clone(), format!("{}{readers}", verb(line.verb))];
    cells.extend(line.reach.iter().map(|r| reach(&r.reach).to_owned()));
    cells
}

fn head() -> Vec<String> {
    let mut head = vec!["Nội dung".to_owned(), "Hành động".to_owned()];
    head.extend(Role::ALL.iter().map(|r| r.as_str().to_owned()));
    head
}

/// The roles in the order of the columns, in words.
pub(super) fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.vietnamese()).collect()
}

fn table(lines: &[PolicyLine]) -> String {
    let rows: Vec<Vec<String>> = std::iter::once(head()).chain(lines.iter().map(cells)).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text: Vec<String> = rows
        .iter()
        .map(|row| {
            let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect();
    text.push(String::new());
    text.push(
        "khoa: các khoa của người đó; viện: toàn bệnh viện; cho: hồ sơ được cho đọc theo yêu cầu; -: không có quyền.\n\
         *: với hồ sơ hạn chế xem, chỉ người được giao."
            .to_owned(),
    );
    text.push("Nội dung tự mình ghi thì được xem, sửa, ký cả khi người bệnh đã chuyển khoa.".to_owned());
    text.join("\n")
}

fn csv(lines: &[PolicyLine]) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let row = |cells: Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
    std::iter::once(head()).chain(lines.iter().map(cells)).map(row).collect::<Vec<_>>().join("\n")
}
