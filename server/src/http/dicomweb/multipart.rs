//! Answers from the bridge passed on as they arrive: alone, or one after the other as `multipart/related`.

use crate::pixels::{NoPixels, Pixels};
use actix_web::HttpResponse;
use bytes::Bytes;
use futures_util::stream::{self, LocalBoxStream, StreamExt, TryStreamExt};
use rand::RngCore;
use std::future::ready;
use std::sync::Arc;

type Pieces = LocalBoxStream<'static, Result<Bytes, NoPixels>>;

/// One answer as it is. `None` where its media type is not what was asked for.
pub fn single(answer: reqwest::Response, wanted: &str) -> Option<HttpResponse> {
    let media_type = media_type_of(&answer, wanted)?;
    let mut out = HttpResponse::Ok();
    out.content_type(media_type);
    if let Some(length) = answer.content_length() {
        out.no_chunking(length);
    }
    if let Some(etag) = answer.headers().get("etag").and_then(|v| v.to_str().ok()) {
        out.insert_header(("ETag", etag));
    }
    Some(out.streaming(answer.bytes_stream().map_err(NoPixels::Unreachable)))
}

/// Every path one part. The first is asked before anything is answered, so that a bridge that is away is an error
/// and no empty file; a part that fails later cuts the answer off.
pub async fn parts(pixels: Arc<Pixels>, paths: Vec<String>, wanted: &str) -> Result<Option<HttpResponse>, NoPixels> {
    let mut paths = paths.into_iter();
    let first = pixels.get(&paths.next().ok_or(NoPixels::NotFound)?, "", wanted).await?;
    let Some(media_type) = media_type_of(&first, wanted) else { return Ok(None) };
    let boundary = boundary();
    let essence = media_type.split(';').next().unwrap_or_default();
    let content_type = format!("multipart/related; type=\"{essence}\"; boundary={boundary}");
    let accept = wanted.to_owned();
    let rest = stream::iter(paths).then(move |path| {
        let (pixels, accept) = (Arc::clone(&pixels), accept.clone());
        async move { pixels.get(&path, "", &accept).await }
    });
    let end = stream::once(ready(Ok(Bytes::from(format!("\r\n--{boundary}--\r\n")))));
    let all = stream::once(ready(Ok(first))).chain(rest);
    let body = all.flat_map(move |answer| part(answer, &boundary)).chain(end);
    Ok(Some(HttpResponse::Ok().content_type(content_type).streaming(body)))
}

fn part(answer: Result<reqwest::Response, NoPixels>, boundary: &str) -> Pieces {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "a multipart answer was cut off");
            return stream::once(ready(Err(error))).boxed_local();
        }
    };
    let media_type = media_type_of(&answer, "*/*").unwrap_or_else(|| "application/octet-stream".into());
    let head = Bytes::from(format!("\r\n--{boundary}\r\nContent-Type: {media_type}\r\n\r\n"));
    let body = answer.bytes_stream().map_err(NoPixels::Unreachable);
    stream::once(ready(Ok(head))).chain(body).boxed_local()
}

/// What the bridge says that it sent, if that is the kind that was asked for.
fn media_type_of(answer: &reqwest::Response, wanted: &str) -> Option<String> {
    let sent = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("application/octet-stream");
    let essence = |media: &str| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = essence(wanted) == "*/*" || essence(sent) == essence(wanted);
    fits.then(|| sent.to_owned())
}

/// Long and random: it cannot stand in the data that follow.
fn boundary() -> String {
    let mut bytes = [0_u8; 20];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
