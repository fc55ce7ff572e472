//! How often the list of keys is read.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::Client;

use crate::process::{Server, id};

const KEYS: usize = 10_000;
/// How long each row is measured.
const TIME: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 2;

/// Reads in several ways, and prints a row of a table for each.
pub(crate) fn measure(binary: &str) {
    let server = Server::start(binary, KEYS, &[]);
    let filter = |name: &str, value: &str| json!({"Filters": [{"Name": name, "Values": [value]}]});
    let rows = [
        ("the first 20", json!({})),
        ("100 in the middle", json!({"Limit": 100, "Offset": KEYS / 2})),
        ("one by its id", filter("AccessKeyId", &id(KEYS - 1))),
        ("one by its name", filter("SecretName", &format!("key_{:08}", KEYS - 1))),
        ("some by a part of a name", filter("KeyWord", "0999")),
    ];
    println!(
        "{:40} {:>12} {:>24} {:>8} {:>8}",
        format!("DescribeApiKeysStatus, {KEYS} keys"),
        "requests/s",
        "requests/s of processor",
        "p50 ms",
        "p99 ms"
    );
    for (name, parameters) in rows {
        let (before, start) = (server.worked(), Instant::now());
        let mut times = read(&server, &parameters);
        let (seconds, worked) = (start.elapsed().as_secs_f64(), (server.worked() - before).as_secs_f64());
        times.sort_unstable();
        let at = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1000.0;
        let count = times.len() as f64;
        println!(
            "{name:40} {:12.0} {:24.0} {:8.2} {:8.2}",
            count / seconds,
            count / worked,
            at(0.5),
            at(0.99)
        );
    }
    println!("\n{} KiB resident", server.resident());
}

/// Reads for a while; how long each request took.
fn read(server: &Server, parameters: &Value) -> Vec<Duration> {
    let address = server.address;
    thread::scope(|scope| {
        let readers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(move || {
                    let (operator, mut client) = (Server::operator(), Client::new(address));
                    let (start, mut times) = (Instant::now(), Vec::new());
                    while start.elapsed() < TIME {
                        let sent = Instant::now();
                        let answer =
                            operator.ask_on(&mut client, address, "DescribeApiKeysStatus", parameters);
                        times.push(sent.elapsed());
                        let count = answer.expect("an answer")["Result"]["TotalCount"].as_u64();
                        assert!(count.is_some_and(|count| count > 0), "keys are found");
                    }
                    times
                })
            })
            .collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("no panic")).collect()
    })
}
