//! A sheet that lasts: stamped by the service outside or by the hospital's own clock, with all that proves signer and
//! stamp good inside (PAdES-B-LT).
//!
//! No signature waits for it beyond the bound in the configuration. Where the service does not answer in time the own
//! clock stamps, and what is outside comes with the next archive stamp (`app::archive`): what is stored is never changed. A
//! sheet that could not be stamped is signed as before, with its signer's evidence, and the log says so.

use crate::trust::{Clock, Trust};
use benhan_sign::cms::{self, SignError};
use benhan_sign::pades::{self, PadesError};
use benhan_sign::path::Purpose;
use benhan_sign::timestamp::{ResponseError, TimestampAuthority};
use benhan_sign::xades;
use benhan_sign::{CertificateProblem, Evidence, Signer, Stamp, StampRequest};
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub(in crate::app) enum NoStamp {
    #[error(transparent)]
    Certificate(#[from] CertificateProblem),
    #[error(transparent)]
    Token(#[from] SignError),
    #[error(transparent)]
    Response(#[from] ResponseError),
    #[error(transparent)]
    Sheet(#[from] PadesError),
}

/// The sheet stamped at `now`, where there is a clock; `signer` proves who signed it last. Waits for the service outside: not
/// for a thread that others wait for.
pub(super) fn lasting(trust: &Trust, signed: Vec<u8>, signer: &Evidence, now: i64) -> Vec<u8> {
    if let Some(stamped) = stamped_outside(trust, &signed, signer, now) {
        return stamped;
    }
    let Some(clock) = trust.clock() else { return signed };
    stamped(trust, &clock, &signed, signer, now).unwrap_or_else(|error| {
        metrics::counter!("benhan_unstamped_total").increment(1);
        tracing::error!(%error, "a sheet was signed without a time stamp");
        signed
    })
}

fn stamped_outside(trust: &Trust, signed: &[u8], signer: &Evidence, now: i64) -> Option<Vec<u8>> {
    trust.outside_clock()?;
    let here = tokio::runtime::Handle::try_current().ok()?;
    let request = pades::request_stamp(signed).ok()?;
    let asked = here.block_on(trust.stamp_outside(request, now))?;
    let stamped = asked.map_err(|error| error.to_string()).and_then(|(stamp, evidence)| {
        let stamped = pades::add_stamp(signed, &stamp);
        let whole = stamped.and_then(|stamped| pades::add_evidence(&stamped, &[signer, &evidence]));
        whole.map_err(|error| error.to_string())
    });
    stamped
        .inspect_err(|error| {
            metrics::counter!("benhan_outside_stamp_failures_total").increment(1);
            tracing::warn!(%error, "no stamp of the service outside: the own clock stamps");
        })
        .ok()
}

/// A detached signature stamped at `now`, where this hospital has a clock.
pub(in crate::app) fn with_stamp(trust: &Trust, signature: Vec<u8>, now: i64) -> Vec<u8> {
    let Some(clock) = trust.clock() else { return signature };
    let stamped = cms::request_stamp(&signature).map_err(NoStamp::from).and_then(|request| {
        let (stamp, evidence) = asked(trust, &clock, &request, now)?;
        Ok(cms::add_stamp(&signature, &stamp, &evidence)?)
    });
    stamped.unwrap_or_else(|error| {
        metrics::counter!("benhan_unstamped_total").increment(1);
        tracing::error!(%error, "a seal was set without a time stamp");
        signature
    })
}

/// A sealed XML file stamped at `now`, where this hospital has a clock.
pub(in crate::app) fn stamped_xml(trust: &Trust, signed: Vec<u8>, now: i64) -> Vec<u8> {
    let Some(clock) = trust.clock() else { return signed };
    let stamped = xades::request_stamp(&signed).map_err(NoStamp::from).and_then(|request| {
        let (stamp, evidence) = asked(trust, &clock, &request, now)?;
        Ok(xades::add_stamp(&signed, &stamp, &evidence)?)
    });
    stamped.unwrap_or_else(|error| {
        metrics::counter!("benhan_unstamped_total").increment(1);
        tracing::error!(%error, "a file was sealed without a time stamp");
        signed
    })
}

fn stamped(trust: &Trust, clock: &Clock, signed: &[u8], signer: &Evidence, now: i64) -> Result<Vec<u8>, NoStamp> {
    let (stamp, evidence) = asked(trust, clock, &pades::request_stamp(signed)?, now)?;
    Ok(pades::add_evidence(&pades::add_stamp(signed, &stamp)?, &[signer, &evidence])?)
}

/// What the clock answers, and what proves it good.
pub(in crate::app) fn asked(
    trust: &Trust,
    clock: &Clock,
    request: &StampRequest,
    now: i64,
) -> Result<(Stamp, Evidence), NoStamp> {
    let evidence = trust.check_for(Purpose::TimeStamps, &clock.certificate, now)?;
    let authority = TimestampAuthority::new(Signer::new(&clock.key, &clock.certificate, &evidence)?)?;
    let stamp = request.read(&authority.answer(&request.to_der(), Uuid::now_v7().as_u128(), now)?)?;
    Ok((stamp, evidence))
}
