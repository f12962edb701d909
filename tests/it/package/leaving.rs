//! From the bed to somebody who has nothing of ours but the file, a CA's certificate and a copy of the program.

use super::{exported, form_of_two, treated, unpacked};
use benhan_tests::{TestHospital, on_each_database, process};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

on_each_database!(
    a_record_leaves_the_house_and_is_proven_without_it,
    a_copy_leaves_only_on_a_request_that_the_head_granted,
);

/// The program in a folder with nothing else, and in no environment of ours.
fn elsewhere(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(folder.join("benhan")).args(arguments).current_dir(folder).env_clear().output();
    let output = output.expect("it starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&said).into_owned())
}

fn openssl(folder: &Path, content: &str, signature: &str) -> Output {
    let arguments = ["cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content];
    let rest = ["-CAfile", "ca.pem", "-purpose", "any", "-out", "/dev/null"];
    Command::new("openssl").args(arguments).args(rest).current_dir(folder).output().expect("openssl is installed")
}

// Clauses: C46-8.3, C46-8.3a, C46-10.5, CV-III.1.1d, CV-IV, SIG-15
async fn a_record_leaves_the_house_and_is_proven_without_it(mut hospital: TestHospital) {
    let patient = treated(&hospital, "G08").await;
    form_of_two(&hospital, &patient.stay).await;
    let beside = exported(&hospital, &patient.number, "beside.zip").await;
    hospital.stop().await;
    let package = exported(&hospital, &patient.number, "package.zip").await;

    let folder = hospital.scratch("elsewhere");
    fs::create_dir(&folder).unwrap();
    fs::copy(process::binary(), folder.join("benhan")).unwrap();
    fs::copy(hospital.data("trust/ca.pem"), folder.join("ca.pem")).unwrap();
    fs::copy(hospital.data("tls/ca.pem"), folder.join("other.pem")).unwrap();
    fs::copy(&package, folder.join("package.zip")).unwrap();
    fs::copy(&beside, folder.join("beside.zip")).unwrap();
    fs::rename(hospital.data(""), hospital.scratch("out of reach")).unwrap();

    for name in ["package.zip", "beside.zip"] {
        let (code, said) = elsewhere(&folder, &["verify", name, "--ca", "ca.pem"]);
        assert_eq!(code, 0, "{said}");
    }
    let (code, said) = elsewhere(&folder, &["verify", "package.zip", "--ca", "ca.pem", "--json"]);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((code, &report["verdict"], &report["findings"]), (0, &json!("holds"), &json!([])), "{report}");
    for (what, at_least) in [("signatures", 5), ("sheets", 3), ("auditRows", 8), ("files", 20)] {
        assert!(report[what].as_u64().unwrap() >= at_least, "{what}: {report}");
    }
    let (code, said) = elsewhere(&folder, &["verify", "package.zip", "--ca", "other.pem"]);
    assert!(code == 1 && said.contains("NGUYÊN VẸN NHƯNG CHƯA ĐƯỢC TIN CẬY"), "{said}");
    let (code, said) = elsewhere(&folder, &["verify", "package.zip"]);
    assert_eq!(code, 1, "nobody is trusted unasked: {said}");

    let files = unpacked(&fs::read(&package).unwrap());
    for (name, content) in &files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    says_what_was_charted(&patient.number, &files);
    let signed = files.keys().filter(|name| name.ends_with(".p7s") && !name.starts_with("chu-ky/"));
    for seal in signed.map(|name| name.to_owned()).collect::<Vec<_>>() {
        let judged = openssl(&folder, seal.trim_end_matches(".p7s"), &seal);
        assert!(judged.status.success(), "{seal}: {}", String::from_utf8_lossy(&judged.stderr));
    }
    for (name, about) in files.iter().filter(|(name, _)| name.starts_with("chu-ky/") && name.ends_with(".json")) {
        let about: Value = serde_json::from_slice(about).unwrap();
        let (Some(file), Some(value)) = (about["file"].as_str(), about["value"].as_str()) else { continue };
        let judged = openssl(&folder, file, value);
        assert!(judged.status.success(), "{name}: {}", String::from_utf8_lossy(&judged.stderr));
        assert!(!openssl(&folder, "README.md", value).status.success(), "of no other file");
    }
    fs::rename(hospital.scratch("out of reach"), hospital.data("")).unwrap();
    hospital.assert_sealed().await;
}

fn says_what_was_charted(number: &str, files: &super::Files) {
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let record: Value = serde_json::from_str(&text("HoSoBenhAn.json")).unwrap();
    let signs = record["HoSoBenhAn"]["ThongTinDieuTri"]["danhsachsinhhieu"].as_array().unwrap();
    let last = signs.last().unwrap();
    assert_eq!((&last["mach"], &last["nhietdo"], &last["huyetap_cao"]), (&json!("111"), &json!("38.4"), &json!("128")));
    assert!(signs.iter().all(|set| set["mach"] != "101"), "what was corrected is not what stands");
    let xml = text("HoSoBenhAn.xml");
    let groups = [
        "ThongTinBenhNhan",
        "ThongTinVaoVien",
        "ThongTinDieuTri",
        "YLenhThuocVatTu",
        "PhieuChiDinh",
        "KetQuaChanDoanHinhAnh",
        "KetQuaXetNghiem",
        "GiayChuyenVien",
        "HoSoCapCuu",
        "PhieuThuThuat",
        "PhieuPhauThuat",
    ];
    let places: Vec<usize> = groups.iter().map(|group| xml.find(&format!("<{group}>")).expect(group)).collect();
    assert!(places.is_sorted(), "eleven groups in their order");
    assert_eq!(xml.matches(&format!("<sovaovien>{number}</sovaovien>")).count(), 11, "the key joins them all");
    assert!(xml.contains("<tenchidinh>") && xml.contains("<quanhuyen/>"), "{xml}");
    let summary = text("TomTatHoSoBenhAn.xml");
    assert!(summary.contains("4.10 mmol/L") && summary.contains("<MA_LOAI_KCB>03</MA_LOAI_KCB>"), "{summary}");
    let trail = text("nhat-ky/dong.jsonl");
    assert!(trail.contains(r#"\"act\":\"export\""#) && trail.contains("đơn số 12"), "who took the copy, and why");
    assert!(text("README.md").contains("benhan verify") && text("README.md").contains(number));
}

// Clauses: C46-7.1, C46-8.2a, C46-10.5, CV-IV
async fn a_copy_leaves_only_on_a_request_that_the_head_granted(hospital: TestHospital) {
    let (hoa, ha, dung) = (hospital.login("hoa").await, hospital.login("ha").await, hospital.login("dung").await);
    let stay = ha.stay_in("G12").await;
    let asked = json!({
        "requester": "patient", "name": "Người bệnh", "identity": "Căn cước 079080001234", "paper": "Đơn số 12",
        "ground": "Điều 69 khoản 4 điểm d", "purpose": "Khám tiếp ở tuyến trên", "extent": "record", "copy": true,
    });
    let request = hoa.post(&format!("/encounters/{stay}/record-requests"), asked).await.ok();
    let path = format!("/record-requests/{}", request["id"].as_str().unwrap());
    let copy = format!("{path}/copy");
    assert_eq!(hoa.post(&copy, json!({})).await.refused(409), "request-state", "nobody has decided");
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let grant =
        json!({ "grant": true, "extent": "record", "copy": true, "until": until.to_string(), "words": "Đồng ý" });
    assert_eq!(dung.post(&format!("{path}/decide"), grant).await.status, 200);
    for username in ["ha", "viet", "quantri", "kiemtra", "minh"] {
        let other = hospital.login(username).await;
        assert_eq!(other.post(&copy, json!({})).await.refused(403), "forbidden", "{username}: to read is not to copy");
    }
    let past_the_desk = format!("/encounters/{stay}/package");
    assert_eq!(hoa.post(&past_the_desk, json!({ "ground": "Công văn số 45 của tòa án" })).await.status, 404);
    let answer = hoa.post(&copy, json!({})).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/zip"), "{}", answer.text());
    let file = hospital.scratch("downloaded.zip");
    fs::write(&file, &answer.body).unwrap();
    let (code, report) = hospital.verify(&file, &hospital.data("trust/ca.pem")).await;
    assert_eq!(code, 0, "{report}");
    let sql = format!("SELECT count(*) FROM audit WHERE act = 'export' AND encounter_id = '{stay}'");
    assert_eq!(hospital.database.count(&sql), 2, "packed and handed over, none for a refusal");
}
