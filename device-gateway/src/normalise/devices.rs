//! Which profile, charset and zone a sender is read with: configuration first, then what its header says.
//!
//! The hospital's own profiles may change while messages are read; a reader that was handed out stays as it is.

use crate::clock;
use crate::config::{DeviceEntry, GatewayConfig};
use crate::profile::{Flaw, Folder, LineRules, Place, Profile, Said, shipped};
use benhan_contract::{Micros, SenderLocation};
use benhan_device_codec::charset::Charset;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// What is unknown when a profile is.
const PROFILE: &str = "device.profile";

/// The configuration names a profile, charset or zone that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("gateway configuration: {what} is not known: {value}")]
pub struct UnknownProfile {
    what: &'static str,
    value: String,
}

/// How one sender's messages are read.
#[derive(Clone, Debug)]
pub struct Reader {
    pub profile: Arc<Profile>,
    pub charset: Option<Charset>,
    pub zone: TimeZone,
    /// Where the device of a line stands, as the configuration says.
    pub place: Option<SenderLocation>,
}

impl Reader {
    /// When it was, by the device's clock.
    pub fn time(&self, text: &[u8]) -> Option<Micros> {
        let offset = text.iter().position(|byte| matches!(byte, b'+' | b'-')).filter(|_| self.profile.ignore_offset);
        clock::parse(text.get(..offset.unwrap_or(text.len()))?, &self.zone)
    }
}

/// All that is known about senders.
#[derive(Debug)]
pub struct Readers {
    devices: Vec<DeviceEntry>,
    known: RwLock<Arc<Known>>,
    flaws: RwLock<Vec<Flaw>>,
}

#[derive(Debug)]
struct Known {
    /// The hospital's own before those that ship.
    profiles: Vec<Arc<Profile>>,
    entries: Vec<(DeviceEntry, Reader, bool)>,
    unknown: Arc<Profile>,
    zone: TimeZone,
    /// All that recognition looks at, beside the sender's names.
    places: Vec<Place>,
    recalled: Mutex<HashMap<String, Arc<Profile>>>,
}

/// Headers whose profile is remembered: more than any hospital has devices. The answer to a message waits for it.
const MOST_RECALLED: usize = 1_000;

impl Readers {
    /// # Errors
    /// The entry that names something unknown.
    pub fn new(config: &GatewayConfig, own: Option<&Folder>) -> Result<Self, UnknownProfile> {
        let profiles = own.map(Folder::profiles).unwrap_or_default();
        let has_flaws = own.is_some_and(|folder| !folder.flaws().is_empty());
        let readers = match Self::with_own(&config.device, &config.time_zone, profiles.clone()) {
            // A file that cannot be used must not keep all other devices from being read.
            Err(cause) if has_flaws && cause.what == PROFILE => {
                tracing::error!(%cause, "a device is read without its profile until the file is mended");
                let mut devices = config.device.clone();
                let is_known = |id: &str| id.is_empty() || all(profiles.clone()).iter().any(|profile| profile.id == id);
                devices.retain(|entry| is_known(&entry.profile));
                let known = Known::of(&devices, named_zone(&config.time_zone)?, profiles)?;
                let known = RwLock::new(Arc::new(known));
                Self { devices: config.device.clone(), known, flaws: RwLock::default() }
            }
            other => other?,
        };
        own.into_iter().for_each(|folder| readers.note(folder));
        Ok(readers)
    }

    #[cfg(test)]
    pub(crate) fn with(devices: &[DeviceEntry], zone: &str) -> Result<Self, UnknownProfile> {
        Self::with_own(devices, zone, Vec::new())
    }

    fn with_own(devices: &[DeviceEntry], zone: &str, own: Vec<Arc<Profile>>) -> Result<Self, UnknownProfile> {
        let known = Known::of(devices, named_zone(zone)?, own)?;
        Ok(Self { devices: devices.to_vec(), known: RwLock::new(Arc::new(known)), flaws: RwLock::default() })
    }

    /// One profile for every sender; without one, those that ship and the hospital's own, each by its header.
    pub(crate) fn for_capture(profile: Option<Arc<Profile>>, own: Vec<Arc<Profile>>, zone: TimeZone) -> Self {
        let is_given = profile.is_some();
        let profiles = if is_given { Vec::new() } else { all(own) };
        let unknown = profile.unwrap_or_else(|| Arc::new(Profile::unknown_device()));
        let known = Known::new(profiles, unknown, zone);
        Self { devices: Vec::new(), known: RwLock::new(Arc::new(known)), flaws: RwLock::default() }
    }

    /// How to read what a sender says of whom only the application is known.
    #[must_use]
    pub fn reader(&self, channel: &str, address: &str, application: &str) -> Reader {
        self.reader_of(channel, address, application)
    }

    /// How to read what this sender says.
    #[must_use]
    pub fn reader_of<S: Said + ?Sized>(&self, channel: &str, address: &str, header: &S) -> Reader {
        self.known().reader_of(channel, address, header)
    }

    /// How to read what comes by a line of which nothing is known yet but where it is: by an entry that names a profile
    /// for all that comes there.
    #[must_use]
    pub fn line(&self, channel: &str, address: &str) -> LineRules {
        self.known().reader_of(channel, address, "").profile.line
    }

    /// Takes up the folder's profiles; where the configuration would lose one that it names, all stays as it was.
    pub(crate) fn take_up(&self, folder: &Folder) {
        self.note(folder);
        let zone = self.known().zone.clone();
        match Known::of(&self.devices, zone, folder.profiles()) {
            Ok(known) => {
                let count = folder.profiles().len();
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
                tracing::info!(count, "the hospital's device profiles were read anew");
            }
            Err(cause) => {
                tracing::error!(%cause, "the device profiles of before stay in use: one is gone that the configuration names");
            }
        }
    }

    /// Files of the hospital's own that are not used as they stand.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        self.flaws.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, folder: &Folder) {
        let mut flaws = self.flaws.write().unwrap_or_else(PoisonError::into_inner);
        for flaw in folder.flaws().into_iter().filter(|flaw| !flaws.contains(flaw)) {
            let Flaw { file, problem, has_older, .. } = flaw;
            tracing::error!(file, problem, has_older, "a device profile cannot be used; what held before still holds");
        }
        *flaws = folder.flaws();
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn new(profiles: Vec<Arc<Profile>>, unknown: Arc<Profile>, zone: TimeZone) -> Self {
        let mut places: Vec<Place> = Vec::new();
        for place in profiles.iter().flat_map(|profile| profile.recognised_at()) {
            if !places.contains(place) {
                places.push(place.clone());
            }
        }
        Self { profiles, entries: Vec::new(), unknown, zone, places, recalled: Mutex::default() }
    }

    fn of(devices: &[DeviceEntry], zone: TimeZone, own: Vec<Arc<Profile>>) -> Result<Self, UnknownProfile> {
        shipped().map_err(|cause| UnknownProfile { what: "a shipped profile", value: cause.to_string() })?;
        let unknown = Arc::new(Profile::unknown_device());
        let mut known = Self::new(all(own), unknown, zone);
        known.entries = devices
            .iter()
            .map(|entry| Ok((entry.clone(), known.configured(entry)?, entry.profile.is_empty())))
            .collect::<Result<_, UnknownProfile>>()?;
        Ok(known)
    }

    fn reader_of<S: Said + ?Sized>(&self, channel: &str, address: &str, header: &S) -> Reader {
        let fits = |want: &str, have: &str| want.is_empty() || want.eq_ignore_ascii_case(have);
        let named = |want: &str| want.is_empty() || header.sender().iter().any(|name| fits(want, name));
        let configured = self.entries.iter().find(|(entry, ..)| {
            fits(&entry.channel, channel) && fits(&entry.address, address) && named(&entry.application)
        });
        match configured {
            Some((_, reader, false)) => reader.clone(),
            Some((entry, reader, true)) => {
                let profile = self.recognised(header);
                Reader {
                    charset: reader.charset.or(profile.charset),
                    zone: if entry.time_zone.is_empty() { self.zone_of(&profile) } else { reader.zone.clone() },
                    place: reader.place.clone(),
                    profile,
                }
            }
            None => {
                let profile = self.recognised(header);
                Reader { charset: profile.charset, zone: self.zone_of(&profile), profile, place: None }
            }
        }
    }

    /// The profile that fits the header most particularly; of equals, the first.
    fn recognised<S: Said + ?Sized>(&self, header: &S) -> Arc<Profile> {
        let said = self.places.iter().flat_map(|place| header.said(place).into_iter().chain([String::new()]));
        let key = header.sender().into_iter().chain([String::new()]).chain(said).collect::<Vec<_>>().join("\u{1f}");
        let recalled = || self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = recalled().get(&key) {
            return Arc::clone(profile);
        }
        let fitting = self.profiles.iter().rev().filter_map(|profile| Some((profile.fits(header)?, profile)));
        let best = fitting.max_by_key(|(weight, _)| *weight).map(|(_, profile)| profile);
        let best = Arc::clone(best.unwrap_or(&self.unknown));
        let mut recalled = recalled();
        if recalled.len() >= MOST_RECALLED {
            recalled.clear();
        }
        recalled.insert(key, Arc::clone(&best));
        best
    }

    fn zone_of(&self, profile: &Profile) -> TimeZone {
        profile.time_zone.clone().unwrap_or_else(|| self.zone.clone())
    }

    fn configured(&self, entry: &DeviceEntry) -> Result<Reader, UnknownProfile> {
        let unknown = |what, value: &str| UnknownProfile { what, value: value.to_owned() };
        let profile = match entry.profile.as_str() {
            "" => Arc::clone(&self.unknown),
            id => {
                let found = self.profiles.iter().find(|profile| profile.id == id).map(Arc::clone);
                found.ok_or_else(|| unknown(PROFILE, id))?
            }
        };
        let charset = match entry.charset.as_str() {
            "" => profile.charset,
            name => Some(Charset::named(name).ok_or_else(|| unknown("device.charset", name))?),
        };
        let zone = match entry.time_zone.as_str() {
            "" => self.zone_of(&profile),
            name => named_zone(name)?,
        };
        Ok(Reader { profile, charset, zone, place: place(&entry.place) })
    }
}

/// `UNIT^ROOM^BED`, as PV1-3 has it; the last is the bed.
fn place(text: &str) -> Option<SenderLocation> {
    let mut parts = text.split('^').map(|part| part.trim().to_owned());
    let [unit, room, bed] = [parts.next()?, parts.next()?, parts.next()?];
    Some(SenderLocation { unit, room, bed, text: text.trim().to_owned() })
}

/// The hospital's own, and those that ship unless one of its own has their id.
fn all(own: Vec<Arc<Profile>>) -> Vec<Arc<Profile>> {
    let shipped = shipped().unwrap_or_default();
    let others: Vec<Arc<Profile>> =
        shipped.iter().filter(|profile| !own.iter().any(|other| other.id == profile.id)).map(Arc::clone).collect();
    own.into_iter().chain(others).collect()
}

fn named_zone(name: &str) -> Result<TimeZone, UnknownProfile> {
    TimeZone::get(name).map_err(|_| UnknownProfile { what: "time_zone", value: name.to_owned() })
}
