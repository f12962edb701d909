use super::url::{UrlError, parse};
use super::*;
use benhan_uplink::UplinkConfig;
use proptest::prelude::*;

fn config(ports: &[(&str, &str)]) -> GatewayConfig {
    let mut config = GatewayConfig::new("x", UplinkConfig::new("https://emr", "t"));
    config.port = ports
        .iter()
        .map(|(name, url)| PortEntry { name: (*name).into(), url: (*url).into(), ..PortEntry::default() })
        .collect();
    config
}

#[test]
fn every_way_that_the_guide_names_is_read() {
    let read = parse("mllp-listen://0.0.0.0:2575?peer=10.0.9.0/24&peer=10.0.8.7&max_connections=9").unwrap();
    assert_eq!((read.speaks, read.tls), (Speaks::Hl7, false));
    let Via::Listen(listen) = read.via else { panic!("{:?}", read.via) };
    assert_eq!(listen.address.to_string(), "0.0.0.0:2575");
    assert_eq!((listen.peers, listen.max_connections), (vec!["10.0.9.0/24".to_owned(), "10.0.8.7".to_owned()], 9));

    let Via::Listen(listen) = parse("astm+listen://[::1]:12001").unwrap().via else { panic!() };
    assert_eq!(listen.address.to_string(), "[::1]:12001");

    let dials = parse("mllp-dial://10.0.9.4:4001").unwrap();
    assert_eq!(dials.via, Via::Dial(Host { name: "10.0.9.4".into(), port: 4001 }));
    assert_eq!(parse("mllp+tcp://10.0.9.4:4001").unwrap(), dials, "one way, two words");
    assert!(parse("mllps+dial://may-1.benhvien.lan:2576").unwrap().tls);

    let read = parse("astm+serial:///dev/serial/by-id/usb-FTDI%20A-port0?baud=19200&mode=7E1&flow=rtscts").unwrap();
    let Via::Serial { path, line } = read.via else { panic!() };
    assert_eq!(path, PathBuf::from("/dev/serial/by-id/usb-FTDI A-port0"));
    assert_eq!((line.baud, line.seven_bits, line.flow), (19_200, true, Flow::RtsCts));

    let Via::Rfc2217 { host, line } = parse("astm+rfc2217://10.0.9.4:4001?baud=1200&mode=8N2").unwrap().via else {
        panic!()
    };
    assert_eq!((host.port, line.baud, line.two_stop_bits), (4001, 1200, true));

    let read = parse("hl7+https://0.0.0.0:8090?peer=10.0.9.4").unwrap();
    assert!(read.tls && read.speaks == Speaks::Post(Protocol::Hl7) && matches!(read.via, Via::Listen(_)));

    let Via::Folder { path, pattern, every } = parse("hl7+file:///srv/kq?glob=*.hl7&every_s=5").unwrap().via else {
        panic!()
    };
    assert_eq!((path.as_path(), pattern.as_str(), every.as_secs()), ("/srv/kq".as_ref(), "*.hl7", 5));
}

fn bedside_device(text: &str) -> (&'static str, bool, Via) {
    let read = parse(text).unwrap();
    let Speaks::Bedside(device) = read.speaks else { panic!("{text}") };
    (device.protocol.name(), read.tls, read.via)
}

#[test]
fn every_bedside_protocol_comes_by_the_ways_that_it_has() {
    for name in ["medibus", "dri", "sysmex-k1000", "spotchem-el", "mini-vidas", "intellivue", "intellivue-serial"] {
        let named = if name == "intellivue" { "intellivue-serial" } else { name };
        for way in ["+serial:///dev/ttyUSB0?baud=19200&mode=8E1", "-rfc2217://10.0.9.4:4001", "+tcp://10.0.9.4:4001"] {
            assert_eq!(bedside_device(&format!("{name}{way}")).0, named);
        }
    }
    let (name, _, via) = bedside_device("intellivue+udp://10.0.9.21:24105?every_s=60");
    assert_eq!((name, via), ("intellivue-udp", Via::Udp(Host { name: "10.0.9.21".into(), port: 24105 })));
    assert_eq!(bedside_device("intellivue-udp://10.0.9.21:24105").0, "intellivue-udp", "its own name is a scheme");
    let (name, tls, via) = bedside_device("poct1-a+listen://10.0.9.1:6000?peer=10.0.9.0/24");
    assert!(name == "poct1-a" && !tls && matches!(via, Via::Listen(_)));
    assert!(bedside_device("poct1-as+listen://10.0.9.1:6000").1);
    assert!(!bedside_device("mini-vidas+tcp://10.0.9.4:4001").1, "a name that ends with an s is no TLS");
    let every = |text: &str| match parse(text).unwrap().speaks {
        Speaks::Bedside(device) => device.every.map(|every| every.as_secs()),
        _ => None,
    };
    assert_eq!(every("dri+tcp://10.0.9.4:4001"), Some(30));
    assert_eq!(every("dri+tcp://10.0.9.4:4001?every_s=60"), Some(60));
    assert_eq!(every("sysmex-k1000+tcp://10.0.9.4:4001"), None);
}

#[test]
fn a_wrong_bedside_port_is_told_the_names_and_the_ways_that_there_are() {
    let said = |text: &str| parse(text).unwrap_err().to_string();
    let unknown = said("modbus+serial:///dev/ttyUSB0");
    assert!(super::bedside::Protocol::names().all(|name| unknown.contains(name)), "{unknown}");
    assert!(said("medibus+udp://10.0.9.4:1").contains("medibus does not come by udp; it comes by listen, tcp, serial"));
    assert!(said("poct1-a+serial:///dev/ttyUSB0").contains("listen or tcp"));
    assert!(said("intellivue-udp+tcp://10.0.9.4:1").contains("it comes by udp"));
    assert!(said("medibuss+serial:///dev/ttyUSB0").contains("listen or tcp"), "a wire has no TLS");
    assert!(said("dri+file:///srv").contains("dri does not come by file"));
    assert!(said("sysmex-k1000+tcp://10.0.9.4:1?every_s=5").contains("every_s"), "it is not asked");
    assert!(said("intellivue+udp://10.0.9.4:1?message_timeout_s=5").contains("known are every_s"));
    assert!(parse("mllp+udp://10.0.9.4:1").is_err());
}

#[test]
fn a_place_has_a_bed_and_is_for_devices_that_do_not_say_theirs() {
    let with = |url: &str, place: &str| {
        Port::of(&PortEntry { name: "a".into(), url: url.into(), place: place.into(), ..PortEntry::default() })
    };
    let url = "medibus+serial:///dev/ttyUSB0";
    assert!(with(url, "HSTC^P2^G05").is_ok() && with(url, "^^G05").is_ok());
    assert!(with("intellivue+udp://10.0.9.4:1", "").is_ok(), "a monitor that has a label");
    assert!(with(url, "").is_err(), "else every value would wait for a person, all day");
    for wrong in ["G05", "HSTC^P2", "HSTC^P2^", "HSTC^P2^G05^X"] {
        assert!(with(url, wrong).unwrap_err().to_string().contains("UNIT^ROOM^BED"), "{wrong}");
    }
    assert!(with("mllp+tcp://10.0.9.4:1", "HSTC^P2^G05").is_err());
}

#[test]
fn a_mistyped_key_is_an_error_that_names_it_and_those_that_are_known() {
    let said = parse("astm+serial:///dev/ttyUSB0?buad=9600").unwrap_err().to_string();
    assert!(said.contains("\"buad\"") && said.contains("baud, mode, flow"), "{said}");
    let said = parse("mllp+listen://0.0.0.0:2575?baud=9600").unwrap_err().to_string();
    assert!(said.contains("\"baud\"") && said.contains("peer"), "a key of another transport: {said}");
    let said = parse("astm+serial:///dev/ttyUSB0?mode=8N3").unwrap_err().to_string();
    assert!(said.contains("mode=8N3") && said.contains("8N1"), "{said}");
    assert_eq!(parse("astm+serial:///dev/ttyUSB0?baud=9600&baud=9600"), Err(UrlError::Twice("baud".into())));
}

#[test]
fn what_is_no_port_is_refused() {
    for wrong in [
        "",
        "mllp",
        "mllp://0.0.0.0:2575",
        "hl8+listen://0.0.0.0:1",
        "mllps+serial:///dev/ttyUSB0",
        "mllp+file:///srv",
        "hl7+listen://0.0.0.0:1",
        "hl7+file:///srv?message_timeout_s=1",
        "hl7+file:///srv?every_s=0",
        "astms+rfc2217://10.0.9.4:4001",
        "mllp+listen://benhvien.lan:2575",
        "mllp+listen://0.0.0.0",
        "mllp+tcp://10.0.9.4",
        "mllp+tcp://:4001",
        "mllp+tcp://a:b@10.0.9.4:4001",
        "mllp+tcp://10.0.9.4:4001/x",
        "mllp+tcp://10.0.9.4:4001#x",
        "mllp+tcp://10.0.9.4:70000",
        "astm+serial://ttyUSB0",
        "astm+serial:///",
        "astm+serial:///dev/%ff",
        "astm+serial:///dev/%00",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_older_keys_are_ports_of_the_same_list() {
    let mut config = config(&[("may-1", "mllp+tcp://10.0.9.4:4001")]);
    config.astm.enabled = false;
    config.serial.push(SerialLine::at("xp-1", "/dev/ttyUSB0"));
    let channels: Vec<String> = all(&config).unwrap().into_iter().map(|port| port.channel).collect();
    assert_eq!(channels, ["mllp", "serial:xp-1", "may-1"]);
    config.serial[0].data_bits = 9;
    assert!(all(&config).unwrap_err().to_string().contains("data_bits"));
}

#[test]
fn a_port_is_named_once_and_plainly() {
    let url = "mllp+tcp://10.0.9.4:4001";
    assert_eq!(all(&config(&[("a", url), ("a", url)])), Err(PortError::Twice("a".into())));
    assert_eq!(all(&config(&[("mllp", url)])), Err(PortError::Twice("mllp".into())));
    for wrong in ["", "a|b", "khoa xn", "máy", &"x".repeat(41)] {
        assert_eq!(all(&config(&[(wrong, url)])), Err(PortError::Name(wrong.into())));
    }
    let said = all(&config(&[("may-7", "mllp+tcp://x")])).unwrap_err().to_string();
    assert!(said.contains("may-7"), "{said}");
}

#[test]
fn tls_has_its_files_or_is_refused_and_never_falls_back_to_plain() {
    let with = |url: &str, certificate: &str, key: &str, ca: &str| {
        let [certificate, key, ca] = [certificate, key, ca].map(PathBuf::from);
        Port::of(&PortEntry { name: "a".into(), url: url.into(), certificate, key, ca, ..PortEntry::default() })
    };
    assert!(with("mllps+listen://0.0.0.0:1", "", "", "ca").is_err());
    assert!(with("mllps+listen://0.0.0.0:1", "c", "", "").is_err());
    assert!(with("mllps+listen://0.0.0.0:1", "c", "k", "").unwrap().tls.is_some());
    assert!(with("mllps+tcp://h:1", "", "", "").is_err());
    assert!(with("mllps+tcp://h:1", "", "", "ca").unwrap().tls.is_some());
    assert!(with("mllp+listen://0.0.0.0:1", "c", "k", "").is_err(), "or somebody thinks that it is encrypted");
}

proptest! {
    #[test]
    fn any_text_is_a_port_or_an_error(text in ".{0,80}", query in "[a-z_]{0,12}=[0-9a-zA-Z/%.]{0,12}") {
        let _ = parse(&text);
        for scheme in ["mllp+listen://0.0.0.0:1", "astm+serial:///dev/x", "mllps-dial://h:1", "dri+tcp://h:1", "intellivue+udp://h:1"] {
            let _ = parse(&format!("{scheme}?{query}"));
        }
    }
}
