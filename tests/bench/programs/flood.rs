//! Floods a listener, and says how many requests it let through in the busiest second.
//!
//! `flood ADDRESS REQUEST-FILE flood|edges SECONDS` prints `{"sent", "offered", "admitted", "busiest"}`.
//! Times are the client's: a request was decided between its sending and its answer. Counted is what lies in
//! one second for certain, wherever in between each was decided; so a slow machine makes the numbers smaller,
//! and never larger. `offered` is the most that were sent in a second.

#![forbid(unsafe_code)]

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, slice, thread};

use serde_json::json;
use testbed::busiest::{Bracket, SECOND};
use testbed::{Flood, Sample, Target, certainly_busiest, flood};

/// How long a load around the edge of a second lasts before it and after it.
const AROUND: Duration = Duration::from_millis(150);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, file, situation, seconds] = arguments.as_slice() else {
        return Err("usage: flood ADDRESS REQUEST-FILE flood|edges SECONDS".into());
    };
    let target = Target { address: address.parse()?, request: fs::read(file)? };
    let seconds: u32 = seconds.parse()?;
    let samples = match situation.as_str() {
        "flood" => flood(&[target], &Flood::of(Duration::from_secs(seconds.into())))?,
        "edges" => edges(&target, seconds)?,
        other => return Err(format!("`{other}` is neither flood nor edges").into()),
    };
    let admitted: Vec<Sample> = samples.iter().filter(|sample| sample.status == 200).copied().collect();
    let busiest = |samples: &[Sample]| certainly_busiest(&samples.iter().map(bracket).collect::<Vec<_>>());
    let (offered, most) = (busiest(&samples), busiest(&admitted));
    println!(
        "{}",
        json!({ "sent": samples.len(), "offered": offered, "admitted": admitted.len(), "busiest": most })
    );
    Ok(())
}

fn bracket(sample: &Sample) -> Bracket {
    Bracket { earliest: sample.sent, latest: sample.received }
}

/// Floods around the edges of the wall clock's seconds. Every second one is left out, so that a limit that
/// counts by the clock's seconds has all of the one before an edge and all of the one after it.
fn edges(target: &Target, number: u32) -> testbed::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for _ in 0..number {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let into = Duration::from_nanos(u64::from(now.subsec_nanos()));
        thread::sleep(Duration::from_nanos(2 * SECOND) - into - AROUND);
        samples.extend(flood(slice::from_ref(target), &Flood::of(2 * AROUND))?);
    }
    Ok(samples)
}
