//! 2, 5 and 10 Envoys, each in a network namespace of its own, five milliseconds from the engine.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testbed::{Client, Engine, Flood, Request, Sample, Target, UsagePlan, flood};

use crate::fleet::{call, document};
use crate::load::{milliseconds, percentile, statuses, until_full_second};
use crate::relay;

const ENVOYS: [usize; 3] = [2, 5, 10];
const BRIDGE: &str = "fleetbr0";
const PLAN: &str = "rate-1000";
const RATE: usize = 1000;
const TIME: Duration = Duration::from_secs(6);

/// One way, so that a call takes five milliseconds more.
const APART: Duration = Duration::from_micros(2500);

/// A namespace with an Envoy in it. Dropping it ends both.
struct Namespace {
    number: u8,
    child: Option<Child>,
}

pub(crate) fn run(binary: &str) {
    if let Err(reason) = ip(&format!("link add {BRIDGE} type bridge")) {
        println!("\nno network namespaces here: {reason}");
        return;
    }
    let ended = std::panic::catch_unwind(|| in_namespaces(binary));
    let _ = ip(&format!("link del {BRIDGE}"));
    ended.unwrap_or_else(|cause| std::panic::resume_unwind(cause));
}

fn in_namespaces(binary: &str) {
    let host = address(1);
    must(&format!("addr add {host}/24 dev {BRIDGE}"));
    must(&format!("link set {BRIDGE} up"));
    let directory = tempfile::tempdir_in("target").expect("a directory");
    let console = UsagePlan::new(std::path::absolute(binary).expect("a path"), directory.path());
    let engine = Engine::start(&console, SocketAddr::from(([127, 0, 0, 1], 0))).expect("an engine");
    relay::start(SocketAddr::from((host, 18081)), engine.listen, APART);
    println!(
        "\nEnvoys in network namespaces, each call to the engine {:?} longer; a plan of {RATE}/s\n",
        APART * 2
    );
    println!(
        "| Envoys | load | offered | admitted | busiest second | calls per admitted | p50 ms | p99 ms |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for envoys in ENVOYS {
        let members: Vec<Namespace> =
            (0..envoys).map(|i| Namespace::start(i, envoys, &console, directory.path())).collect();
        for (name, offered, weights) in [
            ("even", RATE, vec![1.0; envoys]),
            ("90 % on one", RATE, one_heavy(envoys)),
            ("even", 2 * RATE, vec![1.0; envoys]),
        ] {
            measure(&members, name, offered, &weights);
        }
    }
}

/// Nine tenths on the first.
fn one_heavy(envoys: usize) -> Vec<f64> {
    let others = 0.1 / (envoys - 1) as f64;
    (0..envoys).map(|number| if number == 0 { 0.9 } else { others }).collect()
}

fn measure(members: &[Namespace], name: &str, offered: usize, weights: &[f64]) {
    let all: f64 = weights.iter().sum();
    let before: f64 = members.iter().map(Namespace::calls).sum();
    until_full_second();
    let samples: Vec<Sample> = std::thread::scope(|scope| {
        let calling: Vec<_> = members
            .iter()
            .zip(weights)
            .map(|(member, weight)| {
                let target = Target::new(member.ingress(), &call(PLAN));
                let load = Flood::of(TIME).connections(8).rate(offered as f64 * weight / all);
                scope.spawn(move || flood(&[target], &load).expect("answers"))
            })
            .collect();
        calling.into_iter().flat_map(|calls| calls.join().expect("no panic")).collect()
    });
    std::thread::sleep(Duration::from_millis(200));
    let calls = members.iter().map(Namespace::calls).sum::<f64>() - before;
    let admitted = statuses(&samples, 200);
    let mut times: Vec<f64> = samples.iter().map(milliseconds).collect();
    println!(
        "| {} | {name} | {offered}/s | {:.1} % | {} | {:.2} | {:.2} | {:.2} |",
        members.len(),
        admitted as f64 / (RATE * TIME.as_secs() as usize).min(samples.len()) as f64 * 100.0,
        busiest(&samples),
        calls / admitted as f64,
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99),
    );
}

/// How many were certainly admitted in the busiest second: sent and answered in it.
fn busiest(samples: &[Sample]) -> usize {
    let mut seconds: BTreeMap<u64, usize> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.status == 200) {
        let [first, last] = [sample.sent, sample.received].map(|time| time / 1_000_000_000);
        if first == last {
            *seconds.entry(first).or_default() += 1;
        }
    }
    seconds.into_values().max().unwrap_or_default()
}

fn address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 77, 7, number)
}

fn ip(command: &str) -> Result<(), String> {
    let ran = Command::new("ip").args(command.split(' ')).output().map_err(|error| error.to_string())?;
    if ran.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned()) }
}

fn must(command: &str) {
    ip(command).unwrap_or_else(|reason| panic!("ip {command}: {reason}"));
}

// === impl Namespace ===

impl Namespace {
    fn start(index: usize, envoys: usize, console: &UsagePlan, directory: &Path) -> Self {
        let number = u8::try_from(index + 2).expect("few Envoys");
        let mut namespace = Self { number, child: None };
        let (name, link, own) = (namespace.name(), format!("fleetv{number}"), address(number));
        must(&format!("netns add {name}"));
        must(&format!("link add {link} type veth peer name eth0 netns {name}"));
        must(&format!("link set {link} master {BRIDGE} up"));
        for command in [
            format!("addr add {own}/24 dev eth0"),
            "link set eth0 up".to_owned(),
            "link set lo up".to_owned(),
        ] {
            must(&format!("-n {name} {command}"));
        }
        let document = document("fleet", 200, envoys).to_string();
        fs::write(directory.join("usage-plans.json"), document).expect("written");
        let module = testbed::module().display().to_string();
        let (listen, admin) = (format!("{own}:10000"), format!("{own}:9901"));
        let engine = format!("{}:18081", address(1));
        let flags = ["render", "--to", "envoy", "--listen", &listen, "--admin", &admin, "--engine", &engine];
        let rendered = console.run(&[&flags[..], &["--module", &module]].concat()).expect("it runs");
        assert_eq!(rendered.status, 0, "{}", rendered.stderr);
        let path = std::path::absolute(directory.join(format!("{name}.yaml"))).expect("a path");
        fs::write(&path, rendered.stdout).expect("written");
        let envoy = testbed::envoy::binary().expect("an Envoy");
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &name]).arg(envoy).arg("-c").arg(&path);
        command.args(["--disable-hot-restart", "--concurrency", "2", "--log-level", "error"]);
        namespace.child = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ip"));
        namespace.wait_until_ready();
        namespace
    }

    fn name(&self) -> String {
        format!("fleet-{}", self.number)
    }

    fn ingress(&self) -> SocketAddr {
        SocketAddr::from((address(self.number), 10000))
    }

    fn admin(&self, path: &str) -> Option<String> {
        let admin = SocketAddr::from((address(self.number), 9901));
        let answer = Client::new(admin).send(&Request::get("admin", path)).ok()?;
        (answer.status == 200).then(|| answer.text())
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while self.admin("/ready").is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "{} is not ready", self.name());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// How many calls to the engine it has made.
    fn calls(&self) -> f64 {
        let text = self.admin("/stats?filter=usage_plan_engine_calls").unwrap_or_default();
        text.lines().filter_map(|line| line.rsplit_once(": ")?.1.parse::<f64>().ok()).sum()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        // With it goes its end of the veth, but only in a while.
        let _ = ip(&format!("link del fleetv{}", self.number));
        let _ = ip(&format!("netns del {}", self.name()));
    }
}
