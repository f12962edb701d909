//! Stories of one small form, filled rightly and wrongly.

use super::values::{self, Values};
use super::*;
use serde_json::{Value, json};

fn form(change: impl FnOnce(&mut Value)) -> FormDefinition {
    let mut form = json!({
        "code": "phieu-thu", "title": "Phiếu thử", "title_en": "Trial", "version": 1, "legal_act": "-", "valid_from": "2026-01-01",
        "signing": { "unit": "sheet", "authors": ["doctor"], "slots": [{ "name": "doctor", "label": "Bác sĩ", "roles": ["doctor"], "needed": "sign" }] },
        "sections": [{ "name": "kham", "fields": [
            { "name": "reason", "label": "Lý do", "kind": "line", "needed": "sign" },
            { "name": "course", "label": "Bệnh sử", "kind": "text" },
            { "name": "weight", "label": "Cân nặng", "kind": "quantity", "decimals": 1, "low": 0.2, "high": 400 },
            { "name": "height", "label": "Chiều cao", "kind": "quantity", "low": 20, "high": 260 },
            { "name": "bmi", "label": "BMI", "kind": "quantity", "decimals": 1, "calculation": { "body-mass-index": { "weight": "weight", "height": "height" } } },
            { "name": "bp", "label": "Huyết áp", "kind": "blood-pressure" },
            { "name": "outcome", "label": "Kết quả", "kind": "choice", "needed": "close", "options": [{ "code": "1", "label": "Khỏi" }, { "code": "5", "label": "Tử vong" }] },
            { "name": "main", "label": "Bệnh chính", "kind": "diagnosis" },
            { "name": "fluids", "label": "Dịch truyền", "kind": "table", "columns": [
                { "name": "drug", "label": "Tên dịch", "kind": "line", "needed": "sign" }, { "name": "ml", "label": "Số lượng", "kind": "quantity" } ] },
        ]}],
    });
    change(&mut form);
    serde_json::from_value(form).expect("the form of the test is a form")
}

fn given(of: Value) -> Values {
    of.as_object().expect("an object").clone()
}

fn places(faults: &[values::Fault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.place.as_str()).collect()
}

#[test]
fn what_is_filled_is_tidied_and_what_can_be_worked_out_is() {
    let raw = given(json!({
        "reason": "  Sốt,   ho ", "course": "", "weight": 52.54, "height": 158, "bmi": 99, "bp": { "systolic": 120, "diastolic": 80 },
        "main": { "text": "Viêm phổi", "code": "j18.9" }, "fluids": [{ "drug": "Natri clorid 0,9%", "ml": 500 }, {}],
    }));
    let kept = values::read(&form(|_| ()), &raw).expect("rightly filled");
    let expected = json!({
        "reason": "Sốt, ho", "weight": 52.5, "height": 158.0, "bmi": 21.0, "bp": { "systolic": 120.0, "diastolic": 80.0 },
        "main": { "text": "Viêm phổi", "code": "J18.9" }, "fluids": [{ "drug": "Natri clorid 0,9%", "ml": 500.0 }],
    });
    assert_eq!(Value::Object(kept), expected, "a calculated value is never taken from outside");
}

#[test]
fn every_fault_is_named_at_its_place_in_one_go() {
    let raw = given(json!({
        "reason": 7, "height": 1e300, "weight": 900, "bp": { "systolic": 80, "diastolic": 120 }, "outcome": "9", "main": { "code": "viêm" },
        "fluids": [{ "drug": "Glucose", "ml": "nhiều" }], "stranger": 1,
    }));
    let faults = values::read(&form(|_| ()), &raw).expect_err("wrongly filled");
    assert_eq!(places(&faults), ["stranger", "reason", "weight", "height", "bp", "outcome", "main", "fluids/0/ml"]);
    assert!(faults.iter().all(|f| f.sentence.contains('«')), "{faults:?}");
}

// Clauses: T32-52.2a
#[test]
fn a_signature_needs_less_than_closing_the_record() {
    let form = form(|_| ());
    let kept = values::read(&form, &given(json!({ "reason": "Sốt", "fluids": [{ "ml": 500 }] }))).expect("read");
    assert_eq!(places(&values::missing(&form, &kept, Needed::Sign)), ["fluids/0/drug"]);
    assert_eq!(places(&values::missing(&form, &kept, Needed::Close)), ["outcome", "fluids/0/drug"]);
}

#[test]
fn a_definition_that_cannot_work_is_told_so_before_anybody_fills_it() {
    assert_eq!(form(|_| ()).flaws(), []);
    type Spoil = fn(&mut Value);
    let spoilt: [(Spoil, &str); 8] = [
        (|f| f["code"] = json!("Phiếu thử"), "code"),
        (|f| f["sections"][0]["fields"][1]["name"] = json!("reason"), "kham/reason"),
        (|f| f["sections"][0]["fields"][6]["options"] = json!([]), "kham/outcome"),
        (|f| f["sections"][0]["fields"][4]["calculation"] = json!({ "sum": ["gone"] }), "kham/bmi"),
        (|f| f["sections"][0]["fields"][8]["columns"][0]["kind"] = json!("table"), "kham/fluids/drug"),
        (|f| f["sections"][0]["fields"][2]["high"] = json!(0.1), "kham/weight"),
        (|f| f["signing"]["authors"] = json!([]), "signing.authors"),
        (|f| f["signing"]["slots"][0]["who"] = json!("patient"), "signing.slots"),
    ];
    for (spoil, place) in spoilt {
        let flaws = form(spoil).flaws();
        assert!(flaws.iter().any(|flaw| flaw.place == place), "{place}: {flaws:?}");
    }
}

#[test]
fn a_row_adds_up_what_is_written_in_it_and_nothing_else() {
    let number = |name: &str| json!({ "name": name, "label": name, "kind": "quantity" });
    let with_total = |of: Value| {
        form(|f| {
            let mut total = number("total");
            total["calculation"] = of;
            f["sections"][0]["fields"][8]["columns"] = json!([number("day-1"), number("day-2"), total]);
        })
    };
    let right = with_total(json!({ "sum": ["day-1", "day-2"] }));
    assert_eq!(right.flaws(), []);
    let kept =
        values::read(&right, &given(json!({ "fluids": [{ "day-1": 1, "day-2": 2, "total": 9 }, { "total": 9 }] })));
    assert_eq!(kept.expect("read")["fluids"], json!([{ "day-1": 1.0, "day-2": 2.0, "total": 3.0 }]));
    for wrong in [
        json!({ "sum": ["weight"] }),
        json!({ "sum": ["total"] }),
        json!({ "days": { "from": "day-1", "to": "day-2" } }),
    ] {
        assert!(with_total(wrong).flaws().iter().any(|flaw| flaw.place == "kham/fluids/total"));
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_sent_is_kept_the_same_when_it_is_read_again(reason in ".{0,40}", weight in -1.0..500.0, ml in proptest::option::of(0.0..1e9)) {
        let form = form(|_| ());
        let raw = given(json!({ "reason": reason, "weight": weight, "fluids": [{ "drug": reason, "ml": ml }] }));
        if let Ok(kept) = values::read(&form, &raw) {
            proptest::prop_assert_eq!(values::read(&form, &kept).expect("its own words"), kept);
        }
    }
}
