//! A hospital's own forms: tried before they are used, named when they are wrong, kept in the backup, blank in a downtime.

use crate::site::{On, Site, text};
use serde_json::json;
use std::fs;

const OWN: &str = "code = 'phieu-sang-loc'\ntitle = 'Phiếu sàng lọc dinh dưỡng'\ntitle_en = 'Nutrition screening'\nversion = 1\n\
    legal_act = 'Quyết định 1/QĐ-BV'\nvalid_from = '2026-01-01'\n\
    [signing]\nunit = 'sheet'\nauthors = ['nurse']\nslots = [{ name = 'author', label = 'Điều dưỡng', roles = ['nurse'] }]\n\
    [[sections]]\nname = 'muc'\nfields = [{ name = 'appetite', label = 'Ăn uống', kind = 'line' }]\n";

fn with_own(site: &Site, name: &str, form: &str) {
    fs::create_dir_all(site.data("forms")).expect("a folder");
    fs::write(site.data("forms").join(name), form).expect("a file");
}

// Clauses: C46-3.2a
#[test]
fn every_flaw_of_the_hospitals_own_forms_is_named_at_once() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_own(&site, "phieu-sang-loc.toml", OWN);
    let tried = site.run(&["forms", "check", "--json"]).json();
    assert_eq!(tried["flaws"], json!([]));
    let forms = tried["forms"].as_array().expect("forms");
    let of = |code: &str| forms.iter().find(|form| form["code"] == code).expect("a form");
    assert_eq!(of("phieu-sang-loc")["from"], "hospital");
    assert_eq!(of("benh-an-noi-khoa")["number"], "01/BV1");

    with_own(&site, "sai-chu.toml", &OWN.replace("valid_from", "valid_form"));
    with_own(&site, "hai-lan.toml", OWN);
    with_own(
        &site,
        "mau-rieng.toml",
        &OWN.replace("phieu-sang-loc", "mau-rieng").replace("[signing]", "template = 'mau-rieng.typ'\n[signing]"),
    );
    with_own(&site, "mau-rieng.typ", "#import \"sheet.typ\": *\n#show: sheet\n#khong-co");
    with_own(&site, "dau-ngoac.typ", "#let x = (");
    with_own(&site, "viet-tat.toml", "\"X-quang\" = \"tia X\"");
    let tried = site.run(&["forms", "check"]);
    assert_eq!(tried.code(), 1);
    let said = tried.out();
    for flaw in [
        "sai-chu.toml",
        "valid_form",
        "phieu-sang-loc is defined twice",
        "mau-rieng.typ:3",
        "khong-co",
        "dau-ngoac.typ:1",
        "viet-tat.toml: X-quang",
    ] {
        assert!(said.contains(flaw), "{flaw} in:\n{said}");
    }
}

// Clauses: C46-4.2
#[test]
fn a_server_does_not_start_with_a_form_that_cannot_be_used() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_own(&site, "phieu-sang-loc.toml", &OWN.replace("'line'", "'lines'"));
    assert!(site.run(&["serve"]).failed().contains("phieu-sang-loc.toml"));
    let found = site.run(&["config", "check"]);
    assert!(found.code() == 1 && found.out().contains("forms check"), "{}", found.out());
    with_own(&site, "phieu-sang-loc.toml", OWN);
    assert!(site.serve().stop());
}

#[test]
fn a_blank_form_is_printed_while_the_record_is_away() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let listed = site.run(&["forms", "list", "--json"]).json();
    assert!(listed["forms"].as_array().expect("forms").len() > 40);
    assert!(listed["toCome"].as_array().expect("forms to come").iter().any(|form| form["number"] == "03/BV1"));
    let out = site.path("phieu.pdf");
    site.run(&["forms", "print", "phieu-truyen-dich", "--out", text(&out)]).ok();
    assert!(fs::read(&out).expect("a PDF").starts_with(b"%PDF-"));
    assert!(
        site.run(&["forms", "print", "phieu-truyen-dich", "--out", text(&out)]).failed().contains("is there already")
    );
    assert!(
        site.run(&["forms", "print", "phieu-la", "--out", text(&site.path("x.pdf"))]).failed().contains("forms list")
    );
    fs::remove_file(site.data("record.db")).expect("the record goes");
    let printed = site.run(&["forms", "print", "theo-doi-chuc-nang-song", "--out", text(&site.path("song.pdf"))]);
    assert_eq!(printed.code(), 0, "{}", printed.err());
    assert!(printed.err().contains("left blank"));
}

#[test]
fn the_backup_keeps_the_forms_by_which_the_record_is_printed() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_own(&site, "phieu-sang-loc.toml", OWN);
    let taken = site.run(&["backup", "--to", text(&site.path("b1")), "--json"]).json();
    let folder = taken["folder"].as_str().expect("a folder").to_owned();
    site.run(&["restore", &folder, "--into", text(&site.path("again"))]).ok();
    assert_eq!(fs::read_to_string(site.path("again/forms/phieu-sang-loc.toml")).expect("the form"), OWN);
}
