//! Analyzers and monitors that ask by HL7, on the connection on which they are answered.

use crate::query::{Own, laboratory, orders, with_orders};
use crate::server::{FakeServer, Mood};
use crate::support::{Device, Hospital, framed, port, vitals};
use std::time::{Duration, Instant};

fn law(id: &str, barcode: &str, conditions: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|ANALYZER|LAB|LIS|BV|20261130131400||QBP^Q11^QBP_Q11|{id}|P|2.5.1|||{conditions}||UNICODE UTF-8|||LAB-27^IHE\r\
         QPD|WOS^Work Order Step^IHELAW|tag7|{barcode}|R1|3\rRCP|I||R^^HL70394\r"
    )
    .into_bytes()
}

fn mindray(id: &str, barcode: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|Mindray|BS-300|||20261130131400||QRY^Q02|{id}|P|2.3.1||||||UNICODE|||\r\
         QRD|20261130131400|R|D|3|||RD|{barcode}|OTH|||T|\rQRF|BS-300|20261130|20261130|||RCT|COR|ALL||\r"
    )
    .into_bytes()
}

fn of(channel: &'static str, keys: &'static str) -> Vec<Own> {
    vec![Own(channel, "may-1", keys)]
}

async fn asks(device: &mut Device, question: &[u8]) -> Vec<String> {
    device.sends(&framed(question)).await;
    hears(device).await
}

async fn hears(device: &mut Device) -> Vec<String> {
    device.hears_all().await.split_terminator('\r').map(str::to_owned).collect()
}

fn has(message: &[String], wanted: &str) -> bool {
    message.iter().any(|segment| segment.starts_with(wanted))
}

#[tokio::test]
async fn a_law_analyzer_has_its_reply_and_then_the_work_order() {
    let hospital = with_orders(
        of(
            "mllp",
            "[facts]\nquery = \"law\"\n[query]\nsystem = \"99LAB\"\nspecimen_types = { \"Huyết thanh\" = \"SER\" }",
        ),
        |_| {},
    )
    .await;
    let mut device = hospital.device().await;
    let reply = asks(&mut device, &law("q1", "XN0001", "NE|AL")).await;
    assert!(
        reply[0].contains("|RSP^K11^RSP_K11|") && reply[0].starts_with("MSH|^~\\&|LIS|BV|ANALYZER|LAB|"),
        "{reply:?}"
    );
    assert_eq!(reply[1..3], ["MSA|AA|q1", "QAK|tag7|OK|WOS^Work Order Step^IHELAW"]);
    let order = hears(&mut device).await;
    assert!(order[0].contains("|OML^O33^OML_O33|") && order[0].ends_with("LAB-28^IHE"), "{order:?}");
    assert_eq!(order[1], "PID|||BN0042^^^^PI||Nguyễn^Văn Đạt||19700131|M");
    assert!(has(&order, "SPM|1|XN0001&BARCODE||SER|") && has(&order, "OBR||XN0001-1||717^GLU^99LAB"), "{order:?}");
    assert!(has(&order, "OBR||XN0001-2||418^UREA^99LAB"), "{order:?}");
    // What it says of the order is neither a result nor answered.
    let taken = b"MSH|^~\\&|ANALYZER|LAB|LIS|BV|20261130131401||ORL^O34^ORL_O42|o1|P|2.5.1\rMSA|AA|x\r";
    device.sends(&framed(taken)).await;
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    hospital.delivered(1).await;
    hospital.close().await;
}

#[tokio::test]
async fn a_law_analyzer_is_told_of_a_tube_without_order_and_of_one_that_nobody_knows() {
    let hospital = with_orders(of("mllp", "[facts]\nquery = \"law\""), |_| {}).await;
    let mut device = hospital.device().await;
    for barcode in ["XN0003", "XN9999"] {
        let reply = asks(&mut device, &law("q1", barcode, "NE|AL")).await;
        assert_eq!(reply[2], "QAK|tag7|NF|WOS^Work Order Step^IHELAW");
        let order = hears(&mut device).await;
        assert!(has(&order, "ORC|DC|") && !has(&order, "PID|") && !has(&order, "OBR|"), "{order:?}");
    }
    hospital.close().await;
}

#[tokio::test]
async fn a_question_in_enhanced_mode_is_acknowledged_before_it_is_answered() {
    let hospital = with_orders(of("mllp", ""), |_| {}).await;
    let mut device = hospital.device().await;
    let commit = asks(&mut device, &law("q1", "XN0001", "AL|AL")).await;
    assert_eq!(commit[1], "MSA|CA|q1");
    assert_eq!(hears(&mut device).await[1], "MSA|AA|q1");
    assert!(has(&hears(&mut device).await, "ORC|NW|"));
    let mut refused = law("q2", "XN0001", "AL|AL");
    let at = refused.windows(3).position(|part| part == b"WOS").unwrap();
    refused[at] = b'X';
    assert_eq!(asks(&mut device, &refused).await[1], "MSA|CA|q2", "it came");
    assert!(hears(&mut device).await[1].starts_with("MSA|AR|q2|"), "and is not answered here");
    hospital.close().await;
}

#[tokio::test]
async fn results_in_enhanced_mode_have_both_answers_where_the_profile_is_by_the_standard() {
    let hospital = with_orders(of("mllp", "ack = \"standard\""), |_| {}).await;
    let mut device = hospital.device().await;
    let result = |id: &str, conditions: &str| {
        format!(
            "MSH|^~\\&|A|L|||20261130131400||ORU^R01|{id}|P|2.5.1|||{conditions}\rOBR|1||XN0001\rOBX|1|NM|717||5|mmol/L\r"
        )
    };
    assert_eq!(device.says(result("r1", "AL|AL").as_bytes()).await, "MSA|CA|r1");
    assert_eq!(device.hears().await, "MSA|AA|r1");
    assert_eq!(device.says(result("r2", "AL|NE").as_bytes()).await, "MSA|CA|r2");
    device.sends(&framed(result("r3", "NE|NE").as_bytes())).await;
    assert_eq!(device.says(result("r4", "").as_bytes()).await, "MSA|AA|r4");
    let batch = format!("FHS|^~\\&\rBHS|^~\\&\r{}{}BTS|2\rFTS|1\r", result("b1", ""), result("b2", "AL|NE"));
    assert_eq!(device.says(batch.as_bytes()).await, "MSA|AA|b1");
    assert_eq!(device.hears().await, "MSA|CA|b2");
    hospital.delivered(6).await;
    hospital.close().await;
}

#[tokio::test]
async fn a_mindray_analyzer_is_shown_one_tube_after_another_as_it_takes_them() {
    let hospital = with_orders(of("mllp", "based_on = \"mindray-bs\""), |_| {}).await;
    let mut device = hospital.device().await;
    let first = asks(&mut device, &mindray("4", "XN0001")).await;
    assert!(first[0].contains("|QCK^Q02|") && first.contains(&"QAK|SR|OK".to_owned()), "{first:?}");
    let shown = hears(&mut device).await;
    assert!(shown[0].contains("|DSR^Q03|") && shown.contains(&"DSP|21||XN0001||".to_owned()), "{shown:?}");
    assert!(shown.contains(&"DSP|29||717^GLU||".to_owned()) && shown.contains(&"DSP|30||418^UREA||".to_owned()));
    assert_eq!(shown.last().unwrap(), "DSC||");
    // All that is open: the second tube comes when the first is taken.
    let all = asks(&mut device, &mindray("5", "")).await;
    assert!(has(&all, "QAK|SR|OK"));
    let first = hears(&mut device).await;
    assert!(first.contains(&"DSP|21||XN0001||".to_owned()) && first.last().unwrap() == "DSC|1|", "{first:?}");
    // Not before: what is heard next is the answer to something else.
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    let taken = b"MSH|^~\\&|Mindray|BS-300|||20261130131402||ACK^Q03|6|P|2.3.1||||||UNICODE|||\rMSA|AA|1|Message accepted|||0|\rERR|0|\r";
    device.sends(&framed(taken)).await;
    let second = hears(&mut device).await;
    assert!(second.contains(&"DSP|21||XN0002||".to_owned()) && second.last().unwrap() == "DSC||", "{second:?}");
    let nothing = asks(&mut device, &mindray("7", "XN9999")).await;
    assert!(has(&nothing, "QAK|SR|NF"));
    assert_eq!(hospital.delivered(1).await[0]["location"]["bed"], "B01", "the questions are not delivered");
    hospital.close().await;
}

#[tokio::test]
async fn a_monitor_learns_who_has_that_number_and_nobody_else() {
    let hospital = with_orders(Vec::new(), |_| {}).await;
    let mut device = hospital.device().await;
    let a19 = |id: &str| {
        format!(
            "MSH|^~\\&|Mindray|Gateway|||20261130134901||QRY^A19|{id}|P|2.3.1\rQRD|2026113013|D|D|1|||1^RD|{id}|^DEM|^Mindray|\r"
        )
    };
    let found = asks(&mut device, a19("BN0042").as_bytes()).await;
    assert!(found[0].contains("|ADR^A19|"));
    assert_eq!(found[3..], ["PID|||BN0042^^^^PI||Nguyễn^Văn Đạt||19700131|M", "PV1||I|NOI^P2^G07"]);
    let nobody = asks(&mut device, a19("BN00").as_bytes()).await;
    assert_eq!((nobody[1].as_str(), nobody.len()), ("MSA|AA|BN00|No patient found", 3));
    let q22 = "MSH|^~\\&|M|W|L|H|20261130134901||QBP^Q22^QBP_Q21|5|P|2.5\rQPD|Q22^Find Candidates^HL7|t5|@PID.5.1^Trần~@PID.5.2^Văn Bình\rRCP|I\r";
    let found = asks(&mut device, q22.as_bytes()).await;
    assert!(
        found[0].contains("|RSP^K22^RSP_K21|") && has(&found, "QAK|t5|OK|Q22^Find Candidates^HL7|1|1|0"),
        "{found:?}"
    );
    assert!(has(&found, "PID|||BN0043^"));
    hospital.close().await;
}

#[tokio::test]
async fn with_the_server_away_a_question_by_hl7_is_answered_within_a_second() {
    let hospital = with_orders(of("mllp", "[facts]\nquery = \"law\""), |_| {}).await;
    hospital.server.is(Mood::Away);
    let mut device = hospital.device().await;
    for (barcode, status) in [("XN0001", "OK"), ("XN9999", "NF")] {
        let asked = Instant::now();
        let reply = asks(&mut device, &law("q1", barcode, "NE|AL")).await;
        assert!(reply[2].starts_with(&format!("QAK|tag7|{status}|")), "{reply:?}");
        hears(&mut device).await;
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    hospital.close().await;
}

#[tokio::test]
async fn questions_in_a_batch_are_each_answered() {
    let hospital = with_orders(of("mllp", "based_on = \"mindray-bs\""), |_| {}).await;
    let mut device = hospital.device().await;
    let batch = [
        b"FHS|^~\\&\rBHS|^~\\&\r".to_vec(),
        mindray("1", "XN0001"),
        mindray("2", "XN9999"),
        b"BTS|2\rFTS|1\r".to_vec(),
    ];
    let first = asks(&mut device, &batch.concat()).await;
    assert!(first.contains(&"MSA|AA|1|Message accepted|||0".to_owned()), "{first:?}");
    assert!(has(&hears(&mut device).await, "DSP|21||XN0001||"));
    let second = hears(&mut device).await;
    assert!(second.contains(&"MSA|AA|2|Message accepted|||0".to_owned()) && has(&second, "QAK|SR|NF"), "{second:?}");
    hospital.close().await;
}

#[tokio::test]
async fn a_lenient_port_takes_messages_without_a_frame_and_bytes_that_keep_the_line_open() {
    let hospital = Hospital::with(|config| {
        let mut lenient = port("tran", "mllp+listen://127.0.0.1:0");
        lenient.framing = Some(benhan_device_gateway::Framing::Lenient);
        config.port.push(lenient);
    })
    .await;
    let mut device = Device::connect(hospital.at("tran")).await;
    device.sends(&[b"\0\0 ".to_vec(), vitals("M-1", "B01", 72), vitals("M-2", "B01", 73)].concat()).await;
    assert_eq!((device.hears().await, device.hears().await), ("MSA|AA|M-1".to_owned(), "MSA|AA|M-2".to_owned()));
    assert_eq!(device.says(&vitals("M-3", "B01", 74)).await, "MSA|AA|M-3");
    hospital.delivered(3).await;
    hospital.close().await;
}

#[tokio::test]
async fn a_device_that_writes_utf_16_is_acknowledged_in_it_and_read() {
    let hospital = Hospital::open().await;
    let mut device = hospital.device().await;
    let text = "MSH|^~\\&|OLD|LAB|||20261130203000||ORU^R01|u1|P|2.3.1\rPID|1||BN1||Nguyễn^Đạt\rOBR|1||S1\rOBX|1|NM|WBC||5.5|10^9/L|||||F\r";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    device.sends(&framed(&wide)).await;
    let answer: Vec<u8> = device.hears_all_bytes().await;
    let units: Vec<u16> = answer.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert!(String::from_utf16(&units).unwrap().contains("\rMSA|AA|u1\r"));
    assert_eq!(hospital.delivered(1).await[0]["patient"]["name"], "Nguyễn Đạt");
    hospital.close().await;
}

#[tokio::test]
async fn a_flood_of_questions_about_nobody_asks_the_server_once_a_second() {
    let server = FakeServer::start().await;
    server.has_orders(orders());
    let hospital =
        laboratory(server, of("mllp", "based_on = \"mindray-bs\""), |config| config.worklist_every_s = 3600).await;
    hospital.server.until("the list is pulled", |server| server.pulls() > 0).await;
    let began = Instant::now();
    let mut devices = Vec::new();
    for _ in 0..4 {
        devices.push(hospital.device().await);
    }
    for number in 0..100 {
        for device in &mut devices {
            device.sends(&framed(&mindray(&number.to_string(), &format!("NO{number}")))).await;
        }
    }
    for device in &mut devices {
        for _ in 0..100 {
            assert!(has(&hears(device).await, "QAK|SR|NF"));
        }
    }
    let most = 2 + usize::try_from(began.elapsed().as_secs()).unwrap();
    assert!(hospital.server.pulls() <= most, "{} pulls, at most {most}", hospital.server.pulls());
    assert!(hospital.server.committed().is_empty());
    hospital.close().await;
}
