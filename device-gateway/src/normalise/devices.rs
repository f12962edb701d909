//! Which profile, charset and zone a sender is read with: configuration first, then the sender's own name.

use crate::clock;
use crate::config::{DeviceEntry, GatewayConfig};
use crate::profile::Profile;
use benhan_contract::Micros;
use benhan_device_codec::charset::Charset;
use jiff::tz::TimeZone;
use std::sync::Arc;

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
}

impl Reader {
    /// When it was, by the device's clock.
    pub fn time(&self, text: &[u8]) -> Option<Micros> {
        let offset = text.iter().position(|byte| matches!(byte, b'+' | b'-')).filter(|_| self.profile.ignore_offset);
        clock::parse(text.get(..offset.unwrap_or(text.len()))?, &self.zone)
    }
}

/// All that is known about senders.
#[derive(Clone, Debug)]
pub struct Readers {
    profiles: Vec<Arc<Profile>>,
    entries: Vec<(DeviceEntry, Reader, bool)>,
    unknown: Arc<Profile>,
    zone: TimeZone,
}

impl Readers {
    /// # Errors
    /// The entry that names something unknown.
    pub fn new(config: &GatewayConfig) -> Result<Self, UnknownProfile> {
        Self::with(&config.device, &config.time_zone)
    }

    pub(crate) fn with(devices: &[DeviceEntry], zone: &str) -> Result<Self, UnknownProfile> {
        let mut readers = Self::of(Vec::new(), named_zone(zone)?);
        let embedded = Profile::embedded()
            .map_err(|cause| UnknownProfile { what: "an embedded profile", value: cause.to_string() })?;
        readers.profiles = embedded.into_iter().map(Arc::new).collect();
        readers.entries = devices
            .iter()
            .map(|entry| Ok((entry.clone(), readers.configured(entry)?, entry.profile.is_empty())))
            .collect::<Result<_, UnknownProfile>>()?;
        Ok(readers)
    }

    fn of(profiles: Vec<Arc<Profile>>, zone: TimeZone) -> Self {
        Self { profiles, entries: Vec::new(), unknown: Arc::new(Profile::unknown_device()), zone }
    }

    /// One profile for every sender: how a captured file is read.
    pub(crate) fn only(profile: Profile, zone: TimeZone) -> Self {
        let mut readers = Self::of(Vec::new(), zone);
        readers.unknown = Arc::new(profile);
        readers
    }

    /// How to read what this sender says.
    #[must_use]
    pub fn reader(&self, channel: &str, address: &str, application: &str) -> Reader {
        let fits = |want: &str, have: &str| want.is_empty() || want.eq_ignore_ascii_case(have);
        let configured = self.entries.iter().find(|(entry, ..)| {
            fits(&entry.channel, channel) && fits(&entry.address, address) && fits(&entry.application, application)
        });
        match configured {
            Some((_, reader, false)) => reader.clone(),
            Some((entry, reader, true)) => {
                let profile = self.by_name(application);
                Reader {
                    charset: reader.charset.or(profile.charset),
                    zone: if entry.time_zone.is_empty() { self.zone_of(&profile) } else { reader.zone.clone() },
                    profile,
                }
            }
            None => {
                let profile = self.by_name(application);
                Reader { charset: profile.charset, zone: self.zone_of(&profile), profile }
            }
        }
    }

    fn by_name(&self, application: &str) -> Arc<Profile> {
        let found = self.profiles.iter().find(|profile| profile.fits(application));
        Arc::clone(found.unwrap_or(&self.unknown))
    }

    fn zone_of(&self, profile: &Profile) -> TimeZone {
        profile.time_zone.clone().unwrap_or_else(|| self.zone.clone())
    }

    fn configured(&self, entry: &DeviceEntry) -> Result<Reader, UnknownProfile> {
        let unknown = |what, value: &str| UnknownProfile { what, value: value.to_owned() };
        let profile = match entry.profile.as_str() {
            "" => Arc::clone(&self.unknown),
            id => self
                .profiles
                .iter()
                .find(|profile| profile.id == id)
                .map(Arc::clone)
                .ok_or_else(|| unknown("device.profile", id))?,
        };
        let charset = match entry.charset.as_str() {
            "" => profile.charset,
            name => Some(Charset::named(name).ok_or_else(|| unknown("device.charset", name))?),
        };
        let zone = match entry.time_zone.as_str() {
            "" => self.zone_of(&profile),
            name => named_zone(name)?,
        };
        Ok(Reader { profile, charset, zone })
    }
}

fn named_zone(name: &str) -> Result<TimeZone, UnknownProfile> {
    TimeZone::get(name).map_err(|_| UnknownProfile { what: "time_zone", value: name.to_owned() })
}
