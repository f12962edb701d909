//! A serial line with an ASTM device behind it. A cable pulled, an adapter gone or a read of no bytes end
//! the conversation; the line is opened again with back-off, for ever.

use crate::config::{Parity, SerialLine};
use crate::driver::{self, Desk};
use std::time::Duration;
use tokio::time::Instant;
use tokio_serial::{DataBits, FlowControl, SerialPort, SerialPortBuilderExt, SerialStream, StopBits};
use tokio_util::sync::CancellationToken;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A line that held so long was up: the next failure is a new one.
const UP: Duration = Duration::from_secs(60);

pub async fn hold(line: SerialLine, desk: Desk, shutdown: CancellationToken) {
    let mut wait = FIRST_WAIT;
    while !shutdown.is_cancelled() {
        let since = Instant::now();
        match open(&line) {
            Ok(port) => {
                tracing::info!(channel = %desk.channel, "the serial line is open");
                let ended = driver::astm::converse(port, &desk, "", &shutdown).await;
                if shutdown.is_cancelled() {
                    return;
                }
                tracing::warn!(channel = %desk.channel, cause = ?ended.err(), "the serial line was lost");
            }
            Err(cause) => tracing::error!(channel = %desk.channel, %cause, "the serial line cannot be opened"),
        }
        if since.elapsed() > UP {
            wait = FIRST_WAIT;
        }
        // A fifth either way, so that lines of one lost adapter do not come back in step.
        let spread = u32::try_from(desk.surroundings.random() % 401).unwrap_or(200) + 800;
        tokio::select! {
            () = tokio::time::sleep(wait.saturating_mul(spread) / 1000) => {}
            () = shutdown.cancelled() => return,
        }
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}

fn open(line: &SerialLine) -> Result<SerialStream, tokio_serial::Error> {
    let path = line.path.to_string_lossy();
    let mut port = tokio_serial::new(path, line.baud)
        .data_bits(if line.data_bits == 7 { DataBits::Seven } else { DataBits::Eight })
        .parity(match line.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Odd => tokio_serial::Parity::Odd,
            Parity::Even => tokio_serial::Parity::Even,
        })
        .stop_bits(if line.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(FlowControl::None)
        .open_native_async()?;
    // Not every line has it (a pseudo-terminal), and it changes no byte.
    let _ = port.write_data_terminal_ready(true);
    Ok(port)
}
