//! The decoding process: limits first, then one request after the other until its pipe closes.

use super::decode::native_frame;
use super::paint;
use super::protocol::{Answer, Hello, Job, MAX_INPUT, Request, receive, send};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, Read, Write};

/// Why a frame cannot be shown, for the user.
pub(super) type Refusal = String;

/// Serves decoding requests until `input` closes; the exit code is for the operating system.
///
/// The caller's process should do nothing else: memory is limited for all of it, and a codec that
/// panics ends it. Run it as `benhan <hidden subcommand>` and name that in `worker_command`.
pub fn decode_worker_main(mut input: impl Read, mut output: impl Write) -> i32 {
    match serve(&mut input, &mut output) {
        Ok(()) => 0,
        // The parent sees a closed pipe and starts another; nothing here may be logged.
        Err(_) => 1,
    }
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let Some(hello) = receive::<Hello>(input)? else {
        return Ok(());
    };
    limit(&hello)?;
    while let Some(request) = receive::<Request>(input)? {
        let mut frame = Vec::new();
        input.by_ref().take(request.input.min(MAX_INPUT)).read_to_end(&mut frame)?;
        match work(&request, frame) {
            Ok(bytes) => {
                let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
                send(output, &Answer::Done { length })?;
                output.write_all(&bytes)?;
            }
            Err(reason) => send(output, &Answer::Refused { reason })?,
        }
        output.flush()?;
    }
    Ok(())
}

/// Standard input, output and error.
const PIPES: u64 = 3;

/// What the module's head promises.
fn limit(hello: &Hello) -> io::Result<()> {
    let bytes = hello.memory_mib.saturating_mul(1024 * 1024);
    // Limits on processes are none of these: the JPEG codec decodes in threads, which count as such.
    let limits = [
        (Resource::Core, 0),
        (Resource::Nofile, PIPES),
        (Resource::Fsize, 0),
        (Resource::Cpu, hello.processor_seconds),
        (Resource::As, bytes),
    ];
    for (resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

fn work(request: &Request, frame: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let (image, bytes) = native_frame(request, frame)?;
    match &request.job {
        Job::Decode => Ok(bytes),
        Job::Render { format, longest, quality } => {
            let picture = paint::paint(&image, &bytes)?;
            paint::encode(picture, *format, *longest, *quality)
        }
    }
}
