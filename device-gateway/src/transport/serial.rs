//! A serial line, set as its device is. It is ours alone: a second program that opened it would take bytes away.

use crate::port::{Flow, LineSettings, Parity};
use std::io;
use std::path::Path;
use tokio_serial::{DataBits, FlowControl, SerialPort, SerialPortBuilderExt, SerialStream, StopBits};

/// # Errors
/// Path not there (yet), taken by another program, or a setting that the adapter has not got.
pub fn open(path: &Path, line: LineSettings) -> io::Result<SerialStream> {
    let mut port = tokio_serial::new(path.to_string_lossy(), line.baud)
        .data_bits(if line.seven_bits { DataBits::Seven } else { DataBits::Eight })
        .parity(match line.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Odd => tokio_serial::Parity::Odd,
            Parity::Even => tokio_serial::Parity::Even,
        })
        .stop_bits(if line.two_stop_bits { StopBits::Two } else { StopBits::One })
        .flow_control(match line.flow {
            Flow::None => FlowControl::None,
            Flow::RtsCts => FlowControl::Hardware,
            Flow::XonXoff => FlowControl::Software,
        })
        .open_native_async()?;
    port.set_exclusive(true)?;
    // Not every line has it (a pseudo-terminal), and it changes no byte.
    let _ = port.write_data_terminal_ready(true);
    Ok(port)
}
