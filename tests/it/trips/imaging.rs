//! Trip 3, order → worklist → images → viewer, with dcmtk as the modality.

use benhan_tests::image::{Image, dataset_of};
use benhan_tests::{Actor, TestHospital, dcmtk, eventually, on_each_database};
use reqwest::Method;
use serde_json::{Value, json};

on_each_database!(
    a_ct_is_ordered_found_on_the_worklist_stored_linked_and_read_back_to_the_byte,
    images_of_nobodys_order_wait_until_a_person_says_whose_they_are,
);

const CT: &str = "CT_DEMO";

/// A stored instance as a viewer gets it.
async fn retrieved(viewer: &Actor, image: &Image) -> Vec<u8> {
    let Image { study, series, sop, .. } = image;
    let path = format!("/dicom-web/studies/{study}/series/{series}/instances/{sop}");
    let request = viewer.request(Method::GET, &path).header("Accept", "application/dicom");
    Actor::send(request).await.unwrap().bytes()
}

async fn found(viewer: &Actor, path: &str) -> Value {
    let answer = viewer.get(&format!("/dicom-web{path}")).await;
    if answer.status == 204 { json!([]) } else { answer.ok() }
}

// Clauses: C46-14, CV-III.1.1i, CV-III.1.1k
async fn a_ct_is_ordered_found_on_the_worklist_stored_linked_and_read_back_to_the_byte(hospital: TestHospital) {
    let (viet, ha) = (hospital.login("viet").await, hospital.login("ha").await);
    let occupant = ha.occupant("G20").await;
    let stay = occupant["encounterId"].as_str().unwrap();
    let placed = viet.post(&format!("/encounters/{stay}/orders"), json!({ "items": ["CD-CTN"] })).await.ok();
    let accession = placed[0]["accession"].as_str().unwrap();

    let to = hospital.ports().dicom;
    assert!(dcmtk::echoscu(CT, to).await.0);
    let listed = eventually("the modality finds its patient", async || {
        let text = dcmtk::worklist(CT, to, accession).await;
        dcmtk::printed(&text, "(0010,0020)").map(|id| (id, text))
    })
    .await;
    assert_eq!(listed.0, occupant["patientCode"].as_str().unwrap());
    let mut image = Image::new(accession, &listed.0, &dcmtk::printed(&listed.1, "(0010,0010)").unwrap());
    assert!(dcmtk::printed(&listed.1, "(0020,000d)").is_some(), "the order has a study UID");

    let mut images = vec![image.clone()];
    for number in 2..=4 {
        image = image.next(number);
        images.push(image.clone());
    }
    let files: Vec<_> = images.iter().map(|image| hospital.scratch(&image.sop)).collect();
    for (image, file) in images.iter().zip(&files) {
        image.write(file);
    }
    let (stored, said) = dcmtk::storescu(CT, to, &files.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await;
    assert!(stored, "{said}");

    let study = eventually("the study is on the chart", async || {
        let studies = viet.get(&format!("/encounters/{stay}/studies")).await.ok();
        studies.as_array().unwrap().iter().find(|study| study["studyUid"] == image.study.as_str()).cloned()
    })
    .await;
    assert_eq!((&study["linkedBy"], &study["instances"]), (&json!("accession"), &json!(4)));
    let orders = viet.get(&format!("/encounters/{stay}/orders")).await.ok();
    assert_eq!(orders.as_array().unwrap().iter().find(|o| o["accession"] == accession).unwrap()["state"], "resulted");

    let by_accession = found(&viet, &format!("/studies?AccessionNumber={accession}")).await;
    assert_eq!(by_accession[0]["0020000D"]["Value"][0], image.study.as_str());
    let instances = found(&viet, &format!("/studies/{}/instances", image.study)).await;
    assert_eq!(instances.as_array().unwrap().len(), 4);
    for image in &images {
        assert!(dataset_of(&retrieved(&viet, image).await) == image.dataset(), "{} came back changed", image.sop);
    }
    let Image { study, series, sop, .. } = &image;
    let rendered = format!("/dicom-web/studies/{study}/series/{series}/instances/{sop}/rendered");
    let picture = viet.get(&rendered).await;
    assert_eq!((picture.status, &picture.body[..2]), (200, b"\xff\xd8".as_slice()), "a JPEG");
    let nga = hospital.login("nga").await;
    assert!(matches!(nga.get(&rendered).await.status, 403 | 404), "another ward's nurse sees no image");
}

async fn images_of_nobodys_order_wait_until_a_person_says_whose_they_are(hospital: TestHospital) {
    let (son, ha) = (hospital.login("son").await, hospital.login("ha").await);
    let occupant = ha.occupant("G22").await;
    let stay = occupant["encounterId"].as_str().unwrap();
    let image = Image::new("", "", occupant["name"].as_str().unwrap());
    let file = hospital.scratch("lost.dcm");
    image.write(&file);
    let (stored, said) = dcmtk::storescu(CT, hospital.ports().dicom, &[&file]).await;
    assert!(stored, "what nobody can place is stored all the same:\n{said}");

    let waiting = eventually("the study waits", async || {
        let list = son.get("/studies/unmatched").await.ok();
        list.as_array().unwrap().iter().find(|item| item["study"]["studyUid"] == image.study.as_str()).cloned()
    })
    .await;
    let proposed = waiting["proposals"].as_array().unwrap();
    assert!(proposed.iter().any(|proposal| proposal["encounterId"] == stay), "{proposed:?}");
    let path = format!("/studies/{}/link", waiting["study"]["id"].as_str().unwrap());
    let link = json!({ "encounterId": stay, "confirmed": ["name", "birthDate"] });
    assert_eq!(ha.post(&path, link.clone()).await.refused(403), "forbidden");
    assert_eq!(son.post(&path, link.clone()).await.ok()["linkedBy"], "person");
    assert_eq!(son.post(&path, link).await.refused(409), "already-handled");
    assert!(dataset_of(&retrieved(&ha, &image).await) == image.dataset());
    let list = son.get("/studies/unmatched").await.ok();
    assert!(list.as_array().unwrap().iter().all(|item| item["study"]["studyUid"] != image.study.as_str()));
}
