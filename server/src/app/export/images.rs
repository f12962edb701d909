//! The studies of a stay with each image's hash. The images themselves are too large to travel with a record; whoever
//! gets them on a disc can hold each against this list.

use super::pack::Zip;
use crate::app::AppError;
use benhan_domain::access::{Permit, ViewChart};
use benhan_package::{PackError, names};
use benhan_sign::cms::canonical_json;
use benhan_store::Conn;
use benhan_store::studies::{self, Series};
use serde_json::{Value, json};

const PAGE: i64 = 2_000;

pub fn write(conn: &mut Conn, permit: &Permit<ViewChart>, zip: &mut Zip) -> Result<(), AppError> {
    let mut found = studies::of_stay(conn, permit, i64::MIN)?;
    found.sort_by(|one, other| one.study_uid.cmp(&other.study_uid));
    let mut listed = Vec::new();
    for study in found {
        let mut series = Vec::new();
        for one in studies::series_of(conn, std::slice::from_ref(&study))? {
            let instances = instances(conn, &one)?;
            series.push(json!({
                "seriesUid": one.series_uid, "modality": one.modality, "number": one.number,
                "description": one.description, "bodyPart": one.body_part, "instances": instances,
            }));
        }
        listed.push(json!({
            "studyUid": study.study_uid, "accession": study.accession, "order": study.order,
            "description": study.description, "studyDate": study.study_date, "studyTime": study.study_time,
            "station": study.station_ae, "series": series,
        }));
    }
    let list = json!({ "format": "benhan/image-list/1", "studies": listed });
    Ok(zip.add(names::IMAGES, &canonical_json(&list).map_err(PackError::from)?)?)
}

fn instances(conn: &mut Conn, of: &Series) -> Result<Vec<Value>, AppError> {
    let mut found = Vec::new();
    loop {
        let offset = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let page = studies::instances_of(conn, std::slice::from_ref(of), PAGE, offset)?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page.into_iter().map(|i| {
            json!({
                "sopUid": i.sop_uid, "sopClass": i.sop_class, "transferSyntax": i.transfer_syntax, "number": i.number,
                "frames": i.frames, "sha256": i.sha256, "size": i.size,
            })
        }));
    }
}
