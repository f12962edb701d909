//! All integration tests, in one binary. A module is a subject; a test's name is the promise that it holds.

#[cfg(test)]
mod access;
#[cfg(test)]
mod arch;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod attention;
#[cfg(test)]
mod backups;
#[cfg(test)]
#[path = "../../server/tests/it/csc.rs"]
#[expect(dead_code, reason = "the stories of the server try its moods")]
mod csc;
#[cfg(test)]
mod destroyed_images;
#[cfg(test)]
mod destruction;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod downtime;
#[cfg(test)]
mod drilled_images;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys_elsewhere;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod link;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod package;
#[cfg(test)]
mod races;
#[cfg(test)]
mod record;
#[cfg(test)]
mod revoked;
#[cfg(test)]
#[path = "../../server/uplink/tests/it/server.rs"]
mod scripted_server;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_agent;
#[cfg(test)]
#[path = "../../server/tests/it/softhsm.rs"]
#[expect(dead_code, reason = "a hospital's process has its own driver")]
mod softhsm;
#[cfg(test)]
mod stored_backups;
#[cfg(test)]
mod stored_heads;
#[cfg(test)]
mod trail;
#[cfg(test)]
mod trips;
#[cfg(test)]
mod upgrade;
