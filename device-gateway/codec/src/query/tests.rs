//! Each dialect asked and answered, as the devices would see it.

use super::*;
use crate::astm::record::messages;
use crate::hl7::Message;
use proptest::prelude::*;

const OURS: Ours<'_> = Ours { control_id: "BH7", time: "20261130131500+0700", name: "BENHAN" };

fn person() -> Person {
    Person {
        id: "BN0042".to_owned(),
        family: "Nguyễn".to_owned(),
        given: "Văn Đạt & Co|x^y".to_owned(),
        birth: "19700131".to_owned(),
        sex: Sex::Male,
        ward: "NOI".to_owned(),
        room: "R2".to_owned(),
        bed: "B07".to_owned(),
    }
}

fn order(specimen: &str) -> Order {
    let test =
        |code: &str, name: &str| Test { code: code.to_owned(), name: name.to_owned(), system: "99BH".to_owned() };
    Order {
        specimen: specimen.to_owned(),
        placer: "XN-9".to_owned(),
        patient: Some(person()),
        tests: vec![test("GLU", "Glucose"), test("UREA", "Urê")],
        urgent: true,
        specimen_type: "SER".to_owned(),
        ordered: "20261130130000".to_owned(),
        collected: "20261130130500".to_owned(),
    }
}

fn asked(text: &str) -> Query {
    read_hl7(text.as_bytes(), None).unwrap()
}

fn asked_astm(text: &str) -> Query {
    read_astm(&messages(text.as_bytes()).next().unwrap(), Charset::Utf8, AstmForm::default()).unwrap()
}

fn lines(query: &Query, found: &Found) -> Vec<Vec<String>> {
    let text = |message: &Vec<u8>| -> Vec<String> {
        String::from_utf8(message.clone()).unwrap().split_terminator('\r').map(str::to_owned).collect()
    };
    answer(query, found, &OURS).unwrap().iter().map(text).collect()
}

const LAW: &str = "MSH|^~\\&|ANALYZER|LAB|LIS|BV|20261130131400||QBP^Q11^QBP_Q11|q1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-27^IHE\r\
    QPD|WOS^Work Order Step^IHELAW|tag7|S-77|R1|3\rRCP|I||R^^HL70394\r";

#[test]
fn a_law_query_is_answered_and_followed_by_the_work_order() {
    let query = asked(LAW);
    assert_eq!(query.dialect, Dialect::Law);
    assert!(matches!(&query.about, About::Specimens(list) if list[0].id == "S-77"));
    assert_eq!(
        lines(&query, &Found::Orders(vec![order("S-77")])),
        [
            vec![
                "MSH|^~\\&|LIS|BV|ANALYZER|LAB|20261130131500+0700||RSP^K11^RSP_K11|BH7|P|2.5.1|||NE|NE||UNICODE UTF-8|||LAB-27^IHE",
                "MSA|AA|q1",
                "QAK|tag7|OK|WOS^Work Order Step^IHELAW",
                "QPD|WOS^Work Order Step^IHELAW|tag7|S-77|R1|3",
            ],
            vec![
                "MSH|^~\\&|LIS|BV|ANALYZER|LAB|20261130131500+0700||OML^O33^OML_O33|BH7.1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-28^IHE",
                "PID|||BN0042^^^^PI||Nguyễn^Văn Đạt \\T\\ Co\\F\\x\\S\\y||19700131|M",
                "SPM|1|S-77&BARCODE||SER|||||||P^^HL70369||||||20261130130500",
                "SAC|||S-77|||||||R1|3",
                "ORC|NW|XN-9-1||XN-9|||||20261130131500+0700",
                "TQ1|||||||||S^^HL70485",
                "OBR||XN-9-1||GLU^Glucose^99BH",
                "ORC|NW|XN-9-2||XN-9|||||20261130131500+0700",
                "TQ1|||||||||S^^HL70485",
                "OBR||XN-9-2||UREA^Urê^99BH",
            ],
        ]
    );
}

#[test]
fn a_law_query_about_an_unknown_specimen_says_so_twice_and_a_failure_once() {
    let query = asked(LAW);
    let nothing = lines(&query, &Found::Nothing);
    assert_eq!(nothing[0][1..3], ["MSA|AA|q1", "QAK|tag7|NF|WOS^Work Order Step^IHELAW"]);
    assert_eq!(
        nothing[1][1..],
        ["SPM|1|S-77&BARCODE|||||||||U^^HL70369", "SAC|||S-77|||||||R1|3", "ORC|DC||||||||20261130131500+0700"]
    );
    let failed = lines(&query, &Found::Failed);
    assert_eq!((failed.len(), failed[0][1].as_str()), (1, "MSA|AE|q1"));
    assert_eq!(lines(&query, &Found::People(vec![person()])), nothing, "people are no orders");
}

#[test]
fn roches_own_query_is_answered_in_its_own_words() {
    let query = asked(
        "MSH|^~\\&|cobas pro||host||20260724080600+0200||QBP^Q11^QBP_Q11|33|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-27R^ROCHE\r\
         QPD|INISEQ^^99ROC|query33|123|50001|1|||||SERPLAS^^99ROC|SC^^99ROC|R\rRCP|I|1|R^^HL70394\r",
    );
    assert_eq!(query.dialect, Dialect::LawRoche);
    let messages = lines(&query, &Found::Orders(vec![order("123")]));
    assert!(messages[0][0].ends_with("LAB-27R^ROCHE") && messages[1][0].ends_with("LAB-28R^ROCHE"));
    assert_eq!(messages[0][3], "QPD|INISEQ^^99ROC|query33|123|50001|1|||||SERPLAS^^99ROC|SC^^99ROC|R");
    assert_eq!(
        messages[1][2],
        "SPM|1|123&BARCODE||SERPLAS\\S\\\\S\\99ROC".replace("\\S\\", "^") + "|||||||P^^HL70369||||||20261130130500"
    );
}

const MINDRAY: &str = "MSH|^~\\&|Mindray|BS-300|||20261130131400||QRY^Q02|4|P|2.3.1||||||UNICODE|||\r\
    QRD|20261130131400|R|D|3|||RD|0019|OTH|||T|\rQRF|BS-300|20261130|20261130|||RCT|COR|ALL||\r";

#[test]
fn mindrays_analyzers_are_acknowledged_and_then_shown_the_sample() {
    let query = asked(MINDRAY);
    let messages = lines(&query, &Found::Orders(vec![order("0019")]));
    assert_eq!(
        messages[0],
        [
            "MSH|^~\\&|BENHAN||Mindray|BS-300|20261130131500+0700||QCK^Q02|BH7|P|2.3.1||||||UNICODE",
            "MSA|AA|4|Message accepted|||0",
            "ERR|0",
            "QAK|SR|OK"
        ]
    );
    let display = &messages[1];
    assert!(display[0].contains("DSR^Q03|BH7.1"));
    assert_eq!(display[4], "QRD|20261130131400|R|D|3|||RD|0019|OTH|||T|");
    assert!(display.contains(&"DSP|3||Nguyễn Văn Đạt \\T\\ Co\\F\\x\\S\\y||".to_owned()));
    assert!(display.contains(&"DSP|21||0019||".to_owned()));
    assert!(display.contains(&"DSP|24||Y||".to_owned()));
    assert!(display.contains(&"DSP|29||GLU^Glucose||".to_owned()));
    assert_eq!(display.last().unwrap(), "DSC||");
    let two = lines(&query, &Found::Orders(vec![order("1"), order("2")]));
    assert_eq!((two.len(), two[1].last().unwrap().as_str()), (3, "DSC|1|"));
    assert_eq!(lines(&query, &Found::Nothing).concat()[3], "QAK|SR|NF");
    let all = MINDRAY.replace("0019", "");
    assert_eq!(asked(&all).about, About::AllOpen);
}

#[test]
fn a_monitor_learns_who_lies_there_and_a_miss_is_no_error() {
    let query = asked(
        "MSH|^~\\&|Mindray|Gateway|||20260724134901||QRY^A19|2|P|2.3.1\rQRD|2026072413|D|D|1|||1^RD|BN0042|^DEM|^Mindray|\r",
    );
    assert!(matches!(&query.about, About::Patient(who) if who.id == "BN0042"));
    let found = lines(&query, &Found::People(vec![person()]));
    assert_eq!(
        found[0][1..],
        [
            "MSA|AA|2",
            "QRD|2026072413|D|D|1|||1^RD|BN0042|^DEM|^Mindray|",
            "PID|||BN0042^^^^PI||Nguyễn^Văn Đạt \\T\\ Co\\F\\x\\S\\y||19700131|M",
            "PV1||I|NOI^R2^B07",
        ]
    );
    assert_eq!(lines(&query, &Found::Nothing)[0][1], "MSA|AA|2|No patient found");
    assert_eq!(lines(&query, &Found::Orders(vec![order("1")])), lines(&query, &Found::Nothing));
}

#[test]
fn candidates_are_found_by_what_was_said_of_them() {
    let query = asked(
        "MSH|^~\\&|M|W|L|H|1||QBP^Q22^QBP_Q21|5|P|2.5\rQPD|Q22^Find Candidates^HL7|t5|@PID.3.1^BN0042~@PID.5.1^Nguy\\T\\n~@PID.8^M\rRCP|I\r",
    );
    let About::Patient(who) = &query.about else { panic!("{:?}", query.about) };
    assert_eq!((who.id.as_str(), who.family.as_str()), ("BN0042", "Nguy&n"));
    let found = lines(&query, &Found::People(vec![person(), person()]));
    assert_eq!(
        found[0][1..4],
        [
            "MSA|AA|5",
            "QAK|t5|OK|Q22^Find Candidates^HL7|2|2|0",
            "QPD|Q22^Find Candidates^HL7|t5|@PID.3.1^BN0042~@PID.5.1^Nguy\\T\\n~@PID.8^M"
        ]
    );
    assert_eq!(lines(&query, &Found::Nothing)[0][2], "QAK|t5|NF|Q22^Find Candidates^HL7|0|0|0");
}

#[test]
fn an_astm_query_is_answered_with_orders_or_told_that_there_are_none() {
    let query = asked_astm("H|\\^&|||XL-1^7|||||LIS||P|1|20261130131400\rQ|1|^S-77\\^S-78||^^^ALL||||||||O\rL|1|N\r");
    assert!(matches!(&query.about, About::Specimens(list) if list.len() == 2 && list[1].id == "S-78"));
    assert_eq!(
        lines(&query, &Found::Orders(vec![order("S-77")]))[0],
        [
            "H|\\^&|||BENHAN|||||XL-1^7||P|1|20261130131500",
            "P|1|BN0042|||Nguyễn^Văn Đạt &E& Co&F&x&S&y||19700131|M",
            "O|1|S-77||^^^GLU\\^^^UREA|S|20261130130000|20261130130500||||N||||SER||||||||||Q",
            "L|1|F",
        ]
    );
    assert_eq!(lines(&query, &Found::Nothing)[0][1..], ["L|1|I"]);
    assert_eq!(lines(&query, &Found::Failed)[0][1..], ["L|1|Q"]);
    let all = asked_astm("H|\\^&\rQ|1|ALL||ALL||||||||O\rL|1\r");
    assert_eq!(all.about, About::AllOpen);
    let back = asked_astm("H|\\^&\rQ|1|^S-77||ALL||||||||A\rL|1\r");
    assert!(lines(&back, &Found::Nothing).is_empty());
}

#[test]
fn roches_analyzers_see_their_own_tube_again() {
    let query = asked_astm(
        "H|\\^&|||cobas8000^1|||||host|TSREQ^REAL|P|1\rQ|1|^^            S-77^0^50001^1^^S1^SC||ALL||||||||O\rL|1|N\r",
    );
    assert_eq!(query.dialect, Dialect::AstmRoche);
    assert!(matches!(&query.about, About::Specimens(list) if list[0].id == "S-77"));
    let found = lines(&query, &Found::Orders(vec![order("S-77")]));
    assert_eq!(found[0][0], "H|\\^&|||BENHAN|||||cobas8000^1|TSDWN^REPLY|P|1|20261130131500");
    assert!(found[0][2].starts_with("O|1|            S-77|0^50001^1^^S1^SC|^^^GLU\\^^^UREA|S|"), "{}", found[0][2]);
    assert!(found[0][2].contains("||||A||||SER||") && found[0][2].ends_with("|O"), "{}", found[0][2]);
    let nothing = lines(&query, &Found::Nothing);
    assert_eq!(nothing[0][2], "O|1|            S-77|0^50001^1^^S1^SC||||||||||||||||||||||Y");
    assert!(lines(&query, &Found::Failed).is_empty());
}

#[test]
fn the_profile_says_where_an_analyzer_puts_the_barcode() {
    let text = b"H|\\^&\rQ|1|2^1^   S-77^B||||||||||O\rL|1\r";
    let message = messages(text).next().unwrap();
    let query = read_astm(
        &message,
        Charset::Utf8,
        AstmForm { specimen_component: 3, test_component: 5, ..AstmForm::default() },
    )
    .unwrap();
    assert!(matches!(&query.about, About::Specimens(list) if list[0].id == "S-77"));
    let answer = lines(&query, &Found::Orders(vec![order("S-77")]));
    assert!(answer[0][2].contains("|^^^^GLU\\^^^^UREA|"), "{answer:?}");
    let roche = AstmForm { roche: Some(true), ..AstmForm::default() };
    assert_eq!(read_astm(&message, Charset::Utf8, roche).unwrap().dialect, Dialect::AstmRoche);
}

/// Found by fuzzing: the end of the header was taken for its escape character, and each escape ended a record.
#[test]
fn a_header_without_delimiters_is_answered_in_records_that_can_be_read() {
    for text in ["H||1\rQ|1|2^   S-7\rL|1|N\r", "H|\rQ|1|S-7\rL|1\r", "H|\\\0&\rQ|1|S-7\rL|1\r"] {
        let query = asked_astm(text);
        let records = &lines(&query, &Found::Orders(vec![order("H|^\\&\r")]))[0];
        assert!(records.iter().filter_map(|record| record.chars().next()).eq(['H', 'P', 'O', 'L']), "{records:?}");
    }
    let query = asked("MSH|^\0\\&|A|B|C|D|1||QRY^A19|1|P|2.3\rQRD|1|R|I|1|||1|BN|\r");
    let message = lines(&query, &Found::People(vec![person()])).concat();
    assert!(message[0].starts_with("MSH|^|C|D|A|B|"));
    assert!(message[3].contains("|Nguyễn^Văn Đạt & Co x y|"), "{}", message[3]);
}

#[test]
fn what_asks_nothing_is_no_query() {
    let no = |text: &str| read_hl7(text.as_bytes(), None).unwrap_err();
    assert_eq!(no("MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.3.1\r"), NoQuery::NotAQuery);
    assert_eq!(no("hello"), NoQuery::NotAQuery);
    assert_eq!(
        no("MSH|^~\\&|A|B|C|D|1||QRY^A19|1|P|2.3.1\rQRD|1|R|I|||||\"\r".replace('"', "").as_str()),
        NoQuery::NoSubject
    );
    assert_eq!(no("MSH|^~\\&|A|B|C|D|1||QBP^Q11|1|P|2.5\rQPD|XYZ^^L|t|1\r"), NoQuery::UnknownName);
    assert_eq!(no(&format!("{LAW}{}", "x".repeat(LONGEST_QUERY))), NoQuery::TooLong);
}

#[test]
fn a_device_that_asks_in_an_old_charset_is_answered_in_it() {
    let text = LAW.replace("UNICODE UTF-8", "");
    for charset in [Charset::Tcvn3, Charset::Windows1258, Charset::Viscii, Charset::Vni] {
        let query = read_hl7(text.as_bytes(), Some(charset)).unwrap();
        let messages = answer(&query, &Found::Orders(vec![order("S-77")]), &OURS).unwrap();
        let message = Message::parse(&messages[1]).unwrap();
        assert_eq!(charset.decode(message.segment(b"PID").unwrap().field(5).component(1).raw()), "Nguyễn");
    }
    let wide = read_hl7(&Charset::Utf16Le.encode(&text), None).unwrap();
    let messages = answer(&wide, &Found::Nothing, &OURS).unwrap();
    assert!(Charset::Utf16Le.decode(&messages[0]).starts_with("MSH|^~\\&|LIS|BV|ANALYZER"));
}

proptest! {
    /// Whatever a name, a barcode or a test is called: the answer keeps its segments and reads back as what was meant.
    #[test]
    fn any_words_in_an_answer_stay_in_their_fields(
        family in "\\PC{0,12}", specimen in "[ -~]{1,12}", code in "[ -~]{1,10}",
    ) {
        let mut one = order(&specimen);
        one.tests.truncate(1);
        one.tests[0].code.clone_from(&code);
        one.patient.as_mut().unwrap().family.clone_from(&family);
        let found = Found::Orders(vec![one]);
        let law = answer(&asked(LAW), &found, &OURS).unwrap();
        let message = Message::parse(&law[1]).unwrap();
        let ids: Vec<&[u8]> = message.segments().map(|segment| segment.id()).collect();
        prop_assert_eq!(ids, [&b"MSH"[..], b"PID", b"SPM", b"SAC", b"ORC", b"TQ1", b"OBR"]);
        let read = |field: crate::hl7::Field<'_>| Charset::Utf8.decode(&field.unescaped());
        let family = Charset::Utf8.decode(family.as_bytes());
        prop_assert_eq!(read(message.segment(b"PID").unwrap().field(5).component(1)), family);
        prop_assert_eq!(read(message.segment(b"SPM").unwrap().field(2).component(1).subcomponent(1)), specimen.clone());
        prop_assert_eq!(read(message.segment(b"OBR").unwrap().field(4).component(1)), code.clone());
        let astm = answer(&asked_astm("H|\\^&|||A\rQ|1|^1||ALL\rL|1\r"), &found, &OURS).unwrap();
        let message = messages(&astm[0]).next().unwrap();
        prop_assert_eq!(message.records().map(|record| record.kind()).collect::<Vec<u8>>(), b"HPOL".to_vec());
        let order = message.records().nth(2).unwrap();
        prop_assert_eq!(Charset::Utf8.decode(&order.field(5).component(4).unescaped()), code.trim().to_owned());
    }

    #[test]
    fn any_bytes_are_a_query_or_not_and_every_query_has_an_answer(tail in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..40) {
        for head in [LAW, MINDRAY, "MSH|^~\\&|A|B|C|D|1||QRY^A19|1|P|2.3.1\rQRD|1|R|I|1|||1|"] {
            let head = head.as_bytes();
            let bytes = [&head[..head.len().saturating_sub(at)], &tail].concat();
            if let Ok(query) = read_hl7(&bytes, None) {
                for found in [Found::Orders(vec![order("1")]), Found::People(vec![person()]), Found::Nothing, Found::Failed] {
                    for message in answer(&query, &found, &OURS).unwrap() {
                        let whole = crate::hl7::Whole::of(&message, Some(query.charset()));
                        prop_assert!(Message::parse(&whole.bytes).is_ok());
                    }
                }
            }
        }
        let text = [&b"H|\\^&\rQ|1|"[..], &tail].concat();
        for message in messages(&text) {
            if let Ok(query) = read_astm(&message, Charset::Utf8, AstmForm::default()) {
                for message in answer(&query, &Found::Orders(vec![order("1")]), &OURS).unwrap() {
                    prop_assert_eq!(messages(&message).count(), 1);
                }
            }
        }
    }
}
