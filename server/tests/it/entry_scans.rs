//! What was written by hand while the system was down is entered afterwards, with the scan of its paper.

use crate::house::House;
use crate::patients::refusal;
use crate::scans::glass;
use benhan_domain::time::HOUR;
use benhan_domain::vitals::VitalCode;
use benhan_server::app::charting;
use benhan_server::app::entry_scans::{self, Entry};
use benhan_server::app::notes::{self, Words};
use benhan_server::view::VitalInput;

on_both! {
    a_set_and_a_note_from_paper_show_their_scan,
    the_paper_of_an_entry_is_attached_by_who_wrote_it_and_once,
}

fn words() -> Words {
    Words { course: "Đau giảm".into(), care: "Thay băng".into() }
}

pub fn pulse() -> Vec<VitalInput> {
    vec![VitalInput {
        code: VitalCode::Pulse,
        value: Some(72.0),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    }]
}

// Clauses: C46-5.c, C46-13.3b
async fn a_set_and_a_note_from_paper_show_their_scan(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let done = app.db.now();
    house.later(13 * HOUR);
    let note = notes::write(app, nurse, stay, done, words(), None).await.expect("written");
    let entry = charting::Entry { effective_at: done, values: pulse(), based_on: None };
    let set = charting::enter(app, nurse, stay, entry, None).await.expect("entered");
    assert!(note.late.is_some() && set.late.is_some());

    // One sheet of the downtime kit holds both.
    let sheet = glass("a sheet of the downtime kit");
    let of_note = Entry::Note(note.id.parse().expect("an id"));
    let of_set = Entry::Set(set.id.parse().expect("an id"));
    let at_the_note = entry_scans::attach(app, nurse, of_note, sheet.clone()).await.expect("attached");
    let at_the_set = entry_scans::attach(app, nurse, of_set, sheet.clone()).await.expect("attached");
    assert_eq!((at_the_note.len(), at_the_set.len()), (1, 1), "each says its own");
    assert_eq!((house.audited("edit", "note").await, house.audited("edit", "observation-set").await), (1, 1));

    let seen = entry_scans::of_stay(app, &house.doctor, stay).await.expect("a list");
    let shown: Vec<_> = seen.iter().map(|scan| (scan.kind.as_str(), scan.entry_id.as_str())).collect();
    assert_eq!(shown, [("note", note.id.as_str()), ("vitals", set.id.as_str())]);
    let (bytes, kind) =
        entry_scans::file(app, &house.doctor, seen[0].id.parse().expect("an id")).await.expect("the scan");
    assert_eq!((bytes, kind.extension()), (sheet, "png"));
    assert_eq!(house.audited("view", "entry-scan").await, 1);
    // Neither entry is another one by it.
    let after = notes::list(app, nurse, stay).await.expect("notes").remove(0);
    assert_eq!((after.version, after.status.as_str()), (1, "final"));
}

// Clauses: C46-13.3b
async fn the_paper_of_an_entry_is_attached_by_who_wrote_it_and_once(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let other = house.admitted("26.0002", "Nguyễn Văn Bình", house.wards[0]).await;
    let note = notes::write(app, nurse, stay, app.db.now(), words(), None).await.expect("written");
    let of_another = notes::write(app, nurse, other, app.db.now(), words(), None).await.expect("written");
    let (note, of_another) = (note.id.parse().expect("an id"), of_another.id.parse().expect("an id"));
    let doctor = entry_scans::attach(app, &house.doctor, Entry::Note(note), glass("1")).await;
    assert_eq!(refusal(doctor).code, "not-yours");
    for wrong in [b"GIF89a".to_vec(), Vec::new()] {
        let refused = refusal(entry_scans::attach(app, nurse, Entry::Note(note), wrong).await);
        assert!(refused.fields.contains_key("scan"), "{refused:?}");
    }
    entry_scans::attach(app, nurse, Entry::Note(note), glass("1")).await.expect("attached");
    let twice = refusal(entry_scans::attach(app, nurse, Entry::Note(note), glass("1")).await);
    assert!(twice.fields.contains_key("scan"), "{twice:?}");
    let elsewhere = refusal(entry_scans::attach(app, nurse, Entry::Note(of_another), glass("1")).await);
    assert!(elsewhere.fields.contains_key("scan"), "it lies in another patient's record: {elsewhere:?}");
    let administrator = entry_scans::of_stay(app, &house.administrator, stay).await;
    assert_eq!(refusal(administrator).code, "forbidden");
}
