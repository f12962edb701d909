//! Modality Worklist C-FIND (PS3.4 annex K): pending answers until all are given or the peer cancels.

use super::ended::Ended;
use super::negotiate::Agreed;
use super::wire::Wire;
use crate::admission::Admitted;
use crate::bridge::Bridge;
use crate::transfer_syntax::layout;
use crate::worklist::{self, QueryError};
use benhan_contract::WorklistItem;
use benhan_dimse::dataset::Encoding;
use benhan_dimse::{FindRequest, Request, Response, Status};

/// A query is a few hundred bytes.
const MAX_IDENTIFIER: usize = 64 * 1024;
/// So many answers at most; a modality that gets more has asked for too much.
const MOST_ANSWERS: usize = 500;

/// A C-FIND request and where it came in.
pub(crate) struct Query<'a> {
    pub(crate) context: u8,
    pub(crate) agreed: &'a Agreed,
    pub(crate) peer: &'a Admitted,
    pub(crate) request: &'a FindRequest,
}

pub(crate) async fn answer(bridge: &Bridge, wire: &mut Wire, query: Query<'_>) -> Result<(), Ended> {
    let encoding = layout(&query.agreed.transfer_syntax).map_or(Encoding::ImplicitLittle, |layout| layout.encoding);
    let Some(identifier) = identifier(wire).await? else {
        return refuse(wire, &query, "the identifier is larger than 64 KiB").await;
    };
    let asked = match worklist::Query::read(&identifier, encoding) {
        Ok(asked) => asked,
        Err(cause @ QueryError::Tree(_)) => return refuse(wire, &query, &cause.to_string()).await,
    };
    let items = bridge.worklist.items(bridge).await;
    let mut matches: Vec<&WorklistItem> = items.iter().filter(|item| asked.matches(item)).collect();
    matches.sort_by(|a, b| (&a.scheduled_date, &a.scheduled_time).cmp(&(&b.scheduled_date, &b.scheduled_time)));
    if matches.len() > MOST_ANSWERS {
        tracing::warn!(calling = %query.peer.calling, matches = matches.len(), "a worklist query matches too much; the earliest 500 are answered");
    }
    let calling = query.peer.calling.as_str();
    for item in matches.iter().take(MOST_ANSWERS) {
        if cancelled(wire, query.request.message_id)? {
            let response = Response::find(query.request, Status::Cancel);
            return wire.answer(query.context, &response, None).await;
        }
        let dataset = asked.answer(item, calling, query.peer.charset, encoding);
        let response = Response::find(query.request, Status::Pending);
        wire.answer(query.context, &response, Some(&dataset)).await?;
    }
    tracing::info!(%calling, matches = matches.len(), known = items.len(), "a worklist query was answered");
    wire.answer(query.context, &Response::find(query.request, Status::Success), None).await
}

/// The whole identifier, or nothing when it is too large; it has passed in either case.
async fn identifier(wire: &mut Wire) -> Result<Option<Vec<u8>>, Ended> {
    let mut bytes = Vec::new();
    let mut too_large = false;
    loop {
        let (data, last) = wire.dataset().await?;
        too_large |= bytes.len().saturating_add(data.len()) > MAX_IDENTIFIER;
        if !too_large {
            bytes.extend_from_slice(&data);
        }
        if last {
            return Ok((!too_large).then_some(bytes));
        }
    }
}

fn cancelled(wire: &mut Wire, message_id: u16) -> Result<bool, Ended> {
    let Some(set) = wire.command_at_hand()? else {
        return Ok(false);
    };
    match Request::read(&set) {
        Ok(Request::Cancel { message_id: cancelled }) => Ok(cancelled == message_id),
        _ => Err(Ended::Order("another request before the last one was answered")),
    }
}

async fn refuse(wire: &mut Wire, query: &Query<'_>, reason: &str) -> Result<(), Ended> {
    tracing::warn!(calling = %query.peer.calling, reason, "a worklist query was refused");
    let response = Response::find(query.request, Status::UnableToProcess).with_comment(reason);
    wire.answer(query.context, &response, None).await
}
