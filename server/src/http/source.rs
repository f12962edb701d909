//! Each request is served as asked from the address at the other end of its connection.
//!
//! Nothing that a client says of itself counts: without a proxy that the hospital trusts, `X-Forwarded-For` is a claim.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use benhan_store::source;

pub async fn asked_from<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let address = req.peer_addr().map(|a| a.ip());
    source::asked_from(address, next.call(req)).await
}
