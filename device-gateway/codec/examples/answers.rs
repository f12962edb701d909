//! Answers to host queries, one a line as hexadecimal, for a reader that others wrote (`tests/third_party/answers.py`).
//! Names and codes hold every delimiter.
#![expect(clippy::print_stdout, reason = "its output is read by another program")]

use benhan_device_codec::charset::Charset;
use benhan_device_codec::query::{Found, Order, Ours, Person, Sex, Test, answer, read_hl7};

const QUERIES: [&str; 4] = [
    "MSH|^~\\&|XL|LAB|LIS|BV|2026||QBP^Q11^QBP_Q11|q1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-27^IHE\r\
     QPD|WOS^Work Order Step^IHELAW|tag7|S-77|R1|3\r",
    "MSH|^~\\&|Mindray|BS|||2026||QRY^Q02|4|P|2.3.1||||||UNICODE\rQRD|2026|R|D|3|||RD|S-77|OTH|||T|\r",
    "MSH|^~\\&|Mindray|G|||2026||QRY^A19|2|P|2.3.1\rQRD|2026|D|D|1|||1^RD|BN42|^DEM|^M|\r",
    "MSH|^~\\&|M|W|L|H|1||QBP^Q22^QBP_Q21|5|P|2.5\rQPD|Q22^Find Candidates^HL7|t5|@PID.3.1^BN42\rRCP|I\r",
];

fn main() {
    let person = Person {
        id: "BN|42".to_owned(),
        family: "Nguyễn^".to_owned(),
        given: "Văn & Đạt\\~".to_owned(),
        birth: "19700131".to_owned(),
        sex: Sex::Male,
        ward: "NOI".to_owned(),
        ..Person::default()
    };
    let test = Test { code: "G|U".to_owned(), name: "Glu~cose".to_owned(), system: "99".to_owned() };
    let order = Order {
        specimen: "S-77".to_owned(),
        placer: "XN&9".to_owned(),
        patient: Some(person.clone()),
        tests: vec![test],
        ..Order::default()
    };
    let ours = Ours { control_id: "BH7", time: "20261130131500+0700", name: "BENHAN" };
    for query in QUERIES.iter().filter_map(|text| read_hl7(text.as_bytes(), Some(Charset::Utf8)).ok()) {
        for found in [Found::Orders(vec![order.clone()]), Found::People(vec![person.clone()]), Found::Nothing] {
            for message in answer(&query, &found, &ours).unwrap_or_default() {
                println!("{}", message.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            }
        }
    }
}
