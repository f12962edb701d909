//! Many nurses at once over HTTPS: each terminal, with a session of its own, posts one observation, waits until it
//! is answered as stored, and posts the next.

use anyhow::{Context, ensure};
use benhan_bench::https::{Hospital, Terminal};
use benhan_bench::latency::Latencies;
use benhan_bench::pace::Pace;
use clap::Parser;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[derive(Clone, Parser)]
struct Args {
    /// Port of the server on this machine
    #[arg(long)]
    port: u16,
    /// Certificate of the server's authority
    #[arg(long)]
    ca: PathBuf,
    #[arg(long)]
    user: String,
    #[arg(long, env = "BENCH_PASSWORD")]
    password: String,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Observations a second over all connections; without it as fast as the answers come
    #[arg(long)]
    rate: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!((1..=1024).contains(&args.connections), "1 to 1024 connections");
    ensure!((0.1..=3_600.0).contains(&args.seconds), "a tenth of a second to an hour");
    let hospital = Hospital::new(args.port, &args.ca)?;
    let mut terminals = Vec::new();
    for _ in 0..args.connections {
        let mut terminal = hospital.connect().await?;
        terminal.log_in(&args.user, &args.password).await?;
        terminals.push(terminal);
    }
    let stays = match terminals.first_mut() {
        Some(terminal) => stays(terminal).await?,
        None => Vec::new(),
    };
    let begin = Instant::now() + Duration::from_secs_f64(args.warm_up.max(0.0));
    let end = begin + Duration::from_secs_f64(args.seconds);
    let shifts: Vec<_> = terminals
        .into_iter()
        .zip(stays.iter().cycle().cloned())
        .enumerate()
        .map(|(n, (terminal, stay))| {
            let pace = Pace::of(args.rate, args.connections, n);
            tokio::spawn(chart(terminal, stay, pace, begin, end))
        })
        .collect();
    let mut all = Latencies::default();
    for shift in shifts {
        all.join(shift.await??);
    }
    all.figures(args.connections, end - begin).print()
}

/// Everybody who lies on the user's first ward.
async fn stays(terminal: &mut Terminal) -> anyhow::Result<Vec<String>> {
    let wards = terminal.get("/api/v1/wards").await?;
    let ward = wards.pointer("/0/id").and_then(Value::as_str).context("the user has no ward")?;
    let board = terminal.get(&format!("/api/v1/wards/{ward}/board")).await?;
    let beds = board.get("beds").and_then(Value::as_array).context("a board without beds")?;
    let lying = beds.iter().filter_map(|bed| bed.pointer("/occupants/0/encounterId").and_then(Value::as_str));
    let stays: Vec<String> = lying.map(str::to_owned).collect();
    ensure!(!stays.is_empty(), "nobody lies on the ward");
    Ok(stays)
}

async fn chart(
    mut terminal: Terminal,
    stay: String,
    mut pace: Pace,
    begin: Instant,
    end: Instant,
) -> anyhow::Result<Latencies> {
    let path = format!("/api/v1/encounters/{stay}/vitals");
    let mut taken = Latencies::default();
    for n in 0_u32.. {
        pace.turn().await;
        let pulse = 60 + n % 40;
        let body = json!({
            "effectiveAt": jiff::Timestamp::now().to_string(),
            "values": [{ "code": "pulse", "value": pulse }],
        });
        let (body, key) = (body.to_string().into(), Uuid::now_v7().to_string());
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        let stored = terminal.create(&path, body, &key).await?;
        let answered = Instant::now();
        if asked >= begin && answered <= end {
            taken.add(answered - asked);
        }
        if n == 0 {
            let stored: Value = serde_json::from_str(&stored)?;
            let kept = stored.pointer("/values/0/value").and_then(Value::as_f64);
            ensure!(kept == Some(f64::from(pulse)), "the answer is not what was posted");
        }
    }
    Ok(taken)
}
