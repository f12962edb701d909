//! Many devices at once over MLLP: each connection sends an ORU^R01, waits for its own AA, and sends the next.

use anyhow::ensure;
use benhan_bench::latency::Latencies;
use benhan_bench::mllp::Line;
use benhan_bench::oru::{Device, message};
use benhan_bench::pace::Pace;
use clap::Parser;
use std::time::{Duration, Instant};

#[derive(Clone, Parser)]
struct Args {
    /// host:port of the listener
    #[arg(long)]
    to: String,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Measured time
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Before it, not counted
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    #[arg(long, value_enum, default_value = "analyzer")]
    device: Device,
    /// Messages a second over all connections; without it as fast as the answers come
    #[arg(long)]
    rate: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!((1..=1024).contains(&args.connections), "1 to 1024 connections");
    ensure!((0.1..=86_400.0).contains(&args.seconds), "a tenth of a second to a day");
    let run = uuid::Uuid::now_v7().simple().to_string();
    let begin = Instant::now() + Duration::from_secs_f64(args.warm_up.max(0.0));
    let end = begin + Duration::from_secs_f64(args.seconds);
    let lines = (0..args.connections).map(|line| {
        let (args, run) = (args.clone(), run.chars().rev().take(8).collect::<String>());
        tokio::spawn(async move { hold(&args, &run, line, begin, end).await })
    });
    let mut all = Latencies::default();
    for line in lines.collect::<Vec<_>>() {
        all.join(line.await??);
    }
    all.figures(args.connections, end - begin).print()
}

/// One device until `end`; answers from `begin` on count.
async fn hold(args: &Args, run: &str, line: usize, begin: Instant, end: Instant) -> anyhow::Result<Latencies> {
    let mut wire = Line::open(&args.to).await?;
    let mut taken = Latencies::default();
    let mut pace = Pace::of(args.rate, args.connections, line);
    for number in 0_u64.. {
        pace.turn().await;
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let control = format!("{run}C{line}N{number}");
        let stamp = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S+0000").to_string();
        let text = message(args.device, line, number, &control, &stamp);
        let asked = Instant::now();
        wire.send(&text, &control).await?;
        let answered = Instant::now();
        if asked >= begin && answered <= end {
            taken.add(answered - asked);
        }
    }
    Ok(taken)
}
