use super::*;
use std::collections::HashSet;

#[test]
fn every_shipped_profile_is_read_and_named_once() {
    let profiles = shipped().unwrap();
    let ids: HashSet<_> = profiles.iter().map(|profile| profile.id.clone()).collect();
    assert_eq!(ids.len(), profiles.len());
}

// Clauses: C46-8.1
/// LOINC ends with a check digit (mod 10, as in credit cards).
#[test]
fn every_loinc_code_has_its_check_digit() {
    let metrics = benhan_device_codec::ieee11073::METRICS.iter().filter_map(|metric| metric.loinc);
    let profiles = shipped().unwrap();
    let tests = profiles.iter().flat_map(|profile| profile.tests.values()).flat_map(|test| test.loinc.values());
    for code in metrics.chain(tests.map(String::as_str)) {
        assert!(loinc::has_check_digit(code), "{code}");
    }
    assert!(!loinc::has_check_digit("2345-8") && !loinc::has_check_digit("2345") && !loinc::has_check_digit("-7"));
}

#[test]
fn a_unit_that_the_test_does_not_list_leaves_it_without_loinc() {
    let profile = shipped::named("chemistry").unwrap();
    assert_eq!(profile.loinc("GLU", "mmol/L"), Some("14749-6"));
    assert_eq!(profile.loinc("GLU", "mg/dL"), Some("2345-7"));
    assert_eq!(profile.loinc("GLU", "U/L"), None);
}

#[test]
fn a_mistyped_key_is_an_error() {
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharst = 'utf-8'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharset = 'klingon'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\nbased_on = 'nowhere'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\nspecimen = ['somewhere']").is_err());
}

fn written() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("units.toml") && !path.ends_with("standard.toml"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_folder_ships_under_its_own_name() {
    let files = written();
    let mut ids: Vec<&str> = shipped().unwrap().iter().map(|profile| profile.id.as_str()).collect();
    ids.sort_unstable();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(ids, names, "profiles/ and the list in shipped.rs");
    let models = shipped().unwrap().iter().filter(|profile| !profile.models.is_empty()).count();
    assert!(models >= 40, "{models} models");
}

#[test]
fn the_linter_finds_nothing_to_mend_in_what_ships() {
    for (name, text) in written() {
        let found: Vec<Finding> = lint(&text, &[]).into_iter().filter(|finding| finding.level != Level::Note).collect();
        assert_eq!(found, [], "{name}");
    }
}

#[test]
fn every_shipped_model_says_where_it_is_known_from_and_what_to_look_at() {
    for profile in shipped().unwrap() {
        assert!(!profile.sources.is_empty(), "{}", profile.id);
        let is_model = !profile.models.is_empty();
        assert!(!is_model || (!profile.check.is_empty() && !profile.vendor.is_empty()), "{}", profile.id);
        assert!(!profile.facts.protocol.is_empty(), "{}", profile.id);
    }
}

#[test]
fn no_header_that_a_shipped_profile_asks_for_is_taken_by_another() {
    for (name, text) in written() {
        let form: Form = toml::from_str(&text).unwrap();
        let profile = Profile::parse(&text).unwrap();
        let clashes = lint::clashes(&form, &profile, shipped().unwrap());
        let clashes: Vec<_> = clashes.iter().map(|(header, other)| (header.as_str(), other.id.as_str())).collect();
        assert!(clashes.is_empty(), "{name}: {clashes:?}");
    }
}

#[test]
fn a_code_means_the_same_test_in_every_shipped_profile_that_measures_it_in_one_unit() {
    for code in ["WBC", "HGB", "GLU", "CREA", "K", "TSH", "HbA1c"] {
        assert!(!loinc::proposed(code).is_empty(), "{code}");
    }
    assert_eq!(loinc::proposed("nothing").len(), 0);
}

/// What the linter says, without notes.
fn said(text: &str) -> Vec<(usize, String)> {
    let found = lint(text, &[]).into_iter().filter(|finding| finding.level == Level::Error);
    found.map(|finding| (finding.line, finding.key)).collect()
}

#[test]
fn the_linter_names_line_and_key() {
    let head = "id = \"x-1\"\ntitle = \"X\"\n";
    for (body, line, key) in [
        ("charset = \"klingon\"", 3, "charset"),
        ("charst = \"utf-8\"", 3, ""),
        ("id = \"twice\"", 3, ""),
        ("specimen = [\"OBX-3\"]", 3, "specimen"),
        ("specimen = [\"O-\"]", 3, "specimen"),
        ("application = [\"*\"]", 3, "recognise"),
        ("[[recognise]]\n\"PID-3\" = [\"BC-1\"]", 4, "recognise"),
        ("[[recognise]]\n\"MSH-10\" = [\"HP1\"]", 4, "recognise"),
        ("[[aside]]\nwhy = \"because\"\n\"O-3\" = [\"QC*\"]", 4, "aside.why"),
        ("[[aside]]\nwhy = \"demo\"\n\"O-3\" = [\"*\"]", 4, "aside"),
        ("[[test]]\ncode = [\"K\"]\nloinc = { \"mmol/L\" = \"2823-4\" }", 5, "test.loinc"),
        ("[[test]]\ncode = [\"K\"]\nloinc = { \"mmol/l\" = \"2823-3\" }", 5, "test.loinc"),
        ("[[test]]\ncode = [\"K\"]\nrange = { \"mmol/L\" = [9, 1] }", 5, "test.range"),
        ("[[test]]\ncode = [\"K\"]\n[[test]]\ncode = [\"K\"]", 4, "test.code"),
        ("[[test]]\ncode = [\"K\"]\ndecimals = 9", 5, "test.decimals"),
        ("based_on = \"nowhere\"", 3, "based_on"),
        ("time_zone = \"Asia/Saigonn\"", 3, "time_zone"),
    ] {
        let found = said(&format!("{head}{body}\n"));
        assert!(found.contains(&(line, key.to_owned())), "{body}: {found:?}");
    }
    assert_eq!(said(head), []);
    assert!(said("title = \"X\"").iter().any(|(_, key)| key.is_empty()));
}

#[test]
fn what_another_profile_takes_is_said() {
    let found = lint("id = \"x\"\ntitle = \"X\"\napplication = [\"BC-5380\"]\n", &[]);
    assert!(
        found.iter().any(|finding| finding.level == Level::Warning && finding.what.contains("mindray-bc-5380")),
        "{found:?}"
    );
}

#[test]
fn a_sender_is_known_by_whatever_name_of_its_header_fits_best() {
    let of = |msh: &str| {
        let text = format!("MSH|^~\\&|{msh}\rOBX|1|NM|X||1||||||F\r");
        let read = crate::normalise::Capture::read(text.as_bytes(), None, Vec::new());
        read.messages[0].profile.as_ref().unwrap().id.clone()
    };
    assert_eq!(of("BC-5380|Mindray"), "mindray-bc-5380");
    assert_eq!(of("MINDRAY|BC5380"), "mindray-bc-5380", "the other way round");
    assert_eq!(of("BC-7500|Mindray"), "mindray-bc");
    assert_eq!(of("BC-6800Plus|Mindray"), "mindray-bc-6800");
    assert_eq!(of("Mindray|BS-240"), "mindray-bs-240");
    assert_eq!(of("Mindray|Gateway"), "mindray-pds");
    assert_eq!(of("cobas® pro"), "roche-cobas-pro");
    assert_eq!(of("VS8|X|||||ORU^R01|1|P|2.6|||AL|NE|||||IHE_PCD_001^IHE PCD"), "monitor");
    assert_eq!(of("Comen|X|||||ORU^R01|1|P|2.6|||AL|NE|||||IHE_PCD_001"), "comen", "who it is before what it speaks");
    assert_eq!(of("SOMETHING|ELSE"), "");
    let astm = |h5: &str| {
        let text = format!("H|\\^&|||{h5}\rP|1\rO|1|7\rR|1|^^^X|1\rL|1\r");
        let read = crate::normalise::Capture::read(text.as_bytes(), None, Vec::new());
        read.messages[0].profile.as_ref().unwrap().id.clone()
    };
    assert_eq!(astm("    XN-550^00-24^22723"), "sysmex-xn");
    assert_eq!(astm("ABX^MICROS60^V1.5"), "horiba-micros-60");
    assert_eq!(astm(".806149 Hospital^GeneXpert^4.8"), "cepheid-genexpert");
    assert_eq!(astm("cobas c 311^1"), "roche-cobas-c311");
    assert_eq!(astm("host^1"), "");
}

/// `docs/device-profiles.md` lists what ships. To write the list anew: `BENHAN_WRITE_DOCS=1`.
#[test]
fn the_document_lists_every_shipped_model() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/device-profiles.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut profiles: Vec<_> = shipped().unwrap().iter().filter(|profile| !profile.models.is_empty()).collect();
    profiles.sort_by_key(|profile| (profile.vendor.to_lowercase(), profile.id.clone()));
    let rows: String = profiles
        .iter()
        .map(|profile| format!("| {} | {} | `{}` |\n", profile.title, profile.models.join(", "), profile.id))
        .collect();
    let wanted = format!("| profile | models | id |\n|---|---|---|\n{rows}");
    if std::env::var_os("BENHAN_WRITE_DOCS").is_some() {
        let head = text.split("| profile | models | id |").next().unwrap();
        std::fs::write(&path, format!("{head}{wanted}")).unwrap();
    } else {
        assert!(text.contains(&wanted), "the list in docs/device-profiles.md is not what ships (BENHAN_WRITE_DOCS=1)");
    }
}
