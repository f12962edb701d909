//! Paths of the pixel service, parsed before anything is looked up.

use super::reply::Problem;
use crate::worker::protocol::{Format, Job};
use benhan_dimse::Uid;

/// Longest side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 256;
const QUALITY: u8 = 85;

/// What is asked for. Frames count from 0 here and from 1 in paths, as in PS3.18.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Route {
    /// `/instances/{sop}`
    Instance(Uid),
    /// `/instances/{sop}/metadata`
    Metadata(Uid),
    /// `/series/{uid}/metadata`
    SeriesMetadata(Uid),
    /// `/instances/{sop}/frames/{n}`, `…/frames/{n}/rendered`, `…/rendered`, `…/thumbnail`
    Frame { instance: Uid, frame: u64, job: Job, window: Option<(f64, f64)> },
    /// `/refusals`
    Refusals,
    /// `/quarantine`
    Quarantine,
}

impl Route {
    pub(crate) fn parse(path: &str, query: Option<&str>) -> Result<Self, Problem> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let uid = |text: &str| Uid::parse(text).map_err(|_| Problem::NotFound);
        match parts.as_slice() {
            ["refusals"] => Ok(Self::Refusals),
            ["quarantine"] => Ok(Self::Quarantine),
            ["series", series, "metadata"] => Ok(Self::SeriesMetadata(uid(series)?)),
            ["instances", instance] => Ok(Self::Instance(uid(instance)?)),
            ["instances", instance, "metadata"] => Ok(Self::Metadata(uid(instance)?)),
            ["instances", instance, "frames", number] => {
                let frame = frame(number)?;
                Ok(Self::Frame { instance: uid(instance)?, frame, job: Job::Decode, window: None })
            }
            ["instances", instance, "frames", number, "rendered"] => {
                Self::rendered(uid(instance)?, frame(number)?, query, None)
            }
            ["instances", instance, "rendered"] => Self::rendered(uid(instance)?, 0, query, None),
            ["instances", instance, "thumbnail"] => Self::rendered(uid(instance)?, 0, query, Some(THUMBNAIL)),
            ["instances", instance, "frames", number, "thumbnail"] => {
                Self::rendered(uid(instance)?, frame(number)?, query, Some(THUMBNAIL))
            }
            _ => Err(Problem::NotFound),
        }
    }

    /// `window=centre,width[,function]`, `viewport=width,height`, `quality=1..100`, `format=jpeg|png`.
    fn rendered(instance: Uid, frame: u64, query: Option<&str>, side: Option<u32>) -> Result<Self, Problem> {
        let (mut format, mut longest, mut quality, mut window) = (Format::Jpeg, side, QUALITY, None);
        for (key, value) in query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            // Proxies may encode the commas.
            let value = value.replace("%2C", ",").replace("%2c", ",");
            match key {
                "format" => {
                    format = match value.as_str() {
                        "jpeg" => Format::Jpeg,
                        "png" => Format::Png,
                        _ => return Err(Problem::BadRequest("format is jpeg or png")),
                    }
                }
                "quality" => {
                    let parsed = value.parse().ok().filter(|quality| (1..=100).contains(quality));
                    quality = parsed.ok_or(Problem::BadRequest("quality is 1 to 100"))?;
                }
                "viewport" => {
                    let sides: Option<Vec<u32>> = value.split(',').map(|side| side.parse().ok()).collect();
                    let shortest = sides.and_then(|sides| sides.into_iter().take(2).min());
                    let shortest = shortest.filter(|side| (1..=16_384).contains(side));
                    longest = Some(shortest.ok_or(Problem::BadRequest("viewport is width,height"))?);
                }
                "window" => window = Some(parse_window(&value)?),
                _ => {}
            }
        }
        Ok(Self::Frame { instance, frame, job: Job::Render { format, longest, quality }, window })
    }
}

fn frame(number: &str) -> Result<u64, Problem> {
    let number: u64 = number.parse().map_err(|_| Problem::NotFound)?;
    number.checked_sub(1).ok_or(Problem::NotFound)
}

fn parse_window(value: &str) -> Result<(f64, f64), Problem> {
    let mut parts = value.split(',');
    let mut number = || parts.next().and_then(|part| part.parse::<f64>().ok()).filter(|value| value.is_finite());
    match (number(), number()) {
        (Some(centre), Some(width)) if width >= 1.0 => Ok((centre, width)),
        _ => Err(Problem::BadRequest("window is centre,width with a width of 1 or more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_parsed_before_anything_is_looked_up() {
        assert!(matches!(Route::parse("/instances/1.2.3", None), Ok(Route::Instance(_))));
        assert!(matches!(Route::parse("/instances/../../etc", None), Err(Problem::NotFound)));
        assert!(matches!(Route::parse("/instances/1.2/frames/0", None), Err(Problem::NotFound)));
        let rendered = Route::parse("/instances/1.2/frames/3/rendered", Some("window=40%2C400,linear&format=png"));
        let Ok(Route::Frame { frame: 2, window: Some(window), .. }) = rendered else {
            panic!("a rendered frame was asked for");
        };
        assert_eq!(window, (40.0, 400.0));
        assert!(matches!(Route::parse("/instances/1.2/rendered", Some("window=1,0")), Err(Problem::BadRequest(_))));
    }
}
