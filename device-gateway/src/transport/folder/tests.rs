use super::*;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

const MESSAGE: &[u8] =
    b"MSH|^~\\&|XN|LAB|||20261122203000||ORU^R01|1|P|2.3.1\rOBR|1||S1\rOBX|1|NM|WBC||5.5|10^9/L|||||F\r";
/// States no time at all: the spool takes it for a repetition only for minutes.
const UNTIMED: &[u8] = b"MSH|^~\\&|XN|LAB|||||ORU^R01|1|P|2.3.1\rOBR|1||S1\rOBX|1|NM|WBC||5.5|10^9/L|||||F\r";

struct Place {
    dir: tempfile::TempDir,
    desk: Desk,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("drop")).unwrap();
        let desk = Desk::in_dir(dir.path(), "khoa-xn");
        Self { dir, desk }
    }

    fn drop_file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.root().join(name), bytes).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("drop")
    }

    fn shelf(&self) -> Shelf {
        Shelf::new(self.root(), "*".to_owned())
    }

    /// A program that has just started.
    fn watch(&self) -> Watch {
        let every = Duration::from_secs(2);
        Watch {
            shelf: self.shelf(),
            protocol: Protocol::Hl7,
            every,
            desk: self.desk.clone(),
            settling: Settling::default(),
        }
    }

    async fn kept(&self) -> usize {
        self.desk.spool.unread(100).await.unwrap().len()
    }

    fn files(&self, under: &str) -> Vec<String> {
        fn walk(path: &Path, found: &mut Vec<String>) {
            let Ok(entries) = fs::read_dir(path) else { return };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path.display().to_string()) }
            }
        }
        let mut found = Vec::new();
        walk(&self.root().join(under), &mut found);
        found
    }
}

async fn two_rounds(watch: &mut Watch) {
    let now = Instant::now();
    watch.round(now).await.unwrap();
    watch.round(now + Duration::from_secs(2)).await.unwrap();
}

#[tokio::test]
async fn a_settled_file_is_kept_and_put_away_by_day_and_hash() {
    let place = Place::new();
    place.drop_file("ket-qua.hl7", MESSAGE);
    let mut watch = place.watch();
    watch.round(Instant::now()).await.unwrap();
    assert_eq!(place.kept().await, 0, "it may still be written");
    two_rounds(&mut watch).await;
    let unread = place.desk.spool.unread(10).await.unwrap();
    assert_eq!((unread.len(), unread[0].raw.as_slice()), (1, MESSAGE));
    let archived = place.files("archive");
    assert_eq!(archived.len(), 1);
    assert!(archived[0].contains(&sha256_hex(MESSAGE)) && archived[0].ends_with("-ket-qua.hl7"), "{archived:?}");
    assert_eq!(fs::read(&archived[0]).unwrap(), MESSAGE);
    assert!(place.files(".claimed").is_empty() && place.shelf().list().unwrap().is_empty());
}

#[tokio::test]
async fn a_crash_between_any_two_steps_neither_loses_nor_doubles() {
    for steps in 0..=3 {
        let place = Place::new();
        place.drop_file("ket-qua.hl7", UNTIMED);
        // An hour ago, the program got so far.
        let claimed = place.desk.surroundings.now() - 3_600_000_000;
        let file = (steps >= 1).then(|| place.shelf().claim(OsStr::new("ket-qua.hl7"), claimed, 7).unwrap());
        if steps >= 2 {
            place.desk.keep_as_of(claimed, Protocol::Hl7, "", UNTIMED.to_vec()).await.unwrap();
        }
        if let Some(file) = file.filter(|_| steps >= 3) {
            place.shelf().archive(&file, "2026-11-30", "ab").unwrap();
        }
        for _ in 0..2 {
            two_rounds(&mut place.watch()).await;
        }
        assert_eq!(place.kept().await, 1, "after step {steps}");
        assert_eq!(place.files("").iter().filter(|file| !file.contains("/archive/")).count(), 0, "after step {steps}");
        assert_eq!(place.files("archive").len(), 1, "after step {steps}");
    }
}

#[tokio::test]
async fn the_same_results_dropped_again_are_one_message_and_both_files_are_put_away() {
    let place = Place::new();
    for name in ["a.hl7", "b.hl7"] {
        place.drop_file(name, MESSAGE);
        two_rounds(&mut place.watch()).await;
    }
    assert_eq!(place.kept().await, 1);
    assert_eq!(place.files("archive").len(), 2);
}

#[tokio::test]
async fn what_is_too_large_or_empty_is_laid_aside_and_the_next_is_taken() {
    let place = Place::new();
    place.drop_file("a.hl7", &vec![b'x'; place.desk.limit + 1]);
    place.drop_file("b.hl7", b"");
    place.drop_file("c.hl7", MESSAGE);
    two_rounds(&mut place.watch()).await;
    assert_eq!((place.kept().await, place.files("refused").len()), (1, 2));
}

#[tokio::test]
async fn frames_in_a_file_are_its_messages_and_what_is_no_frame_is_not_lost() {
    let framed = |text: &[u8]| [b"\x0b", text, b"\x1c\r"].concat();
    let two = [framed(MESSAGE), framed(UNTIMED)].concat();
    assert_eq!(messages(Protocol::Hl7, two.clone(), 10_000), [MESSAGE, UNTIMED]);
    for whole in [[two.as_slice(), b"tail"].concat(), [two.as_slice(), b"\x0bhalf"].concat(), MESSAGE.to_vec()] {
        assert_eq!(messages(Protocol::Hl7, whole.clone(), 10_000), [whole]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_not_there_yet_is_waited_for() {
    let place = Place::new();
    fs::remove_dir(place.root()).unwrap();
    let shutdown = CancellationToken::new();
    let watching =
        tokio::spawn(watch(place.shelf(), Protocol::Hl7, Duration::from_secs(2), place.desk.clone(), shutdown.clone()));
    tokio::time::sleep(Duration::from_secs(100)).await;
    fs::create_dir(place.root()).unwrap();
    place.drop_file("a.hl7", MESSAGE);
    place.desk.spool.unread_rung().await;
    assert_eq!(place.kept().await, 1);
    shutdown.cancel();
    watching.await.unwrap();
}
