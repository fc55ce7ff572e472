//! What a hostile request costs is linear in what its sender pays for it, in every class of the corpus.

use std::collections::BTreeMap;
use std::time::Duration;

use emulator::{Shared, Worker};
use testbed::Request;
use testbed::attacks::{Case, Corpus};

use super::proxy::Proxy;
use crate::UsagePlan;

type Wasm = emulator::Wasm<UsagePlan>;

/// The fuel that a request may cost for each byte received, above what a normal request costs.
const PER_BYTE: u64 = 40;

/// Cases that cost more for each byte, and how much. One that no longer does is to be taken out.
const DEAR: [(&str, u64); 8] = [
    // What is signed is hashed, by these algorithms at more than 40 a byte.
    ("twelve values of four kilobytes, signed wrongly by hmac-sha256", 80),
    ("twelve values of four kilobytes, signed wrongly by hmac-sha384", 60),
    ("twelve values of four kilobytes, signed wrongly by hmac-sha512", 60),
    // The names in lower case are tried, and then as they are written.
    ("twelve values of four kilobytes, signed wrongly by names in upper case", 110),
    // Each signed name is looked for among all headers, and there are at most 32 of them.
    ("thirty-two names that are found last of many", 205),
    ("signed: 32 names that are absent", 53),
    // A header has a fixed cost, which is more than 40 for each byte of a short one.
    ("two thousand headers", 70),
    // All of it is the part of the path that decides, so all of it is compared in one spelling.
    ("fifty kilobytes as the first segment", 42),
];

impl Proxy<'_, Wasm> {
    /// The fuel of a request that the worker has served before: its metric is defined, and its key's state
    /// made.
    fn fuel(&mut self, request: &Request) -> u64 {
        self.worker.request(request);
        self.worker.request(request).fuel.expect("the interpreter counts fuel")
    }

    /// The fuel of an ordinary request that is let through. Its text was not verified just before, and
    /// another worker has counted a request since this one did, so that the counter is read.
    fn normal(&mut self, corpus: &Corpus) -> u64 {
        let normal = corpus.cases.iter().map(|(_, case)| case).find(|case| case.name == "a normal request");
        let normal = normal.expect("the corpus has it");
        let [earlier, now] = [1, 0].map(|ago| self.now() - Duration::from_secs(ago));
        let another_writes = |shared: &Shared, key: &str| {
            if let Some((cell, _)) = shared.data(key) {
                shared.set_data(key, cell);
            }
        };
        self.shared.before_next_sets(1, another_writes);
        // The first of these loses its race, and the second one reads the counter first.
        self.worker.request(&normal.request(self.document, earlier));
        self.worker.request(&normal.request(self.document, now)).fuel.expect("the interpreter counts fuel")
    }
}

/// The bytes of a request as HTTP/1.1 carries them, without the body, which the filter does not see.
fn bytes(request: &Request) -> u64 {
    (request.bytes().len() - request.body.len()) as u64
}

/// Calls `visit` with each case, its class, a proxy with its document, and the fuel of a normal request.
fn each_case(mut visit: impl FnMut(&str, &Case, &mut Proxy<'_, Wasm>, u64)) {
    let corpus = Corpus::read();
    let classes: BTreeMap<&str, &str> =
        corpus.cases.iter().map(|(class, case)| (case.name.as_str(), class.as_str())).collect();
    for (document, cases) in corpus.by_document() {
        let mut proxy = Proxy::<Wasm>::start(&corpus.documents[document]);
        let normal = proxy.normal(&corpus);
        for case in cases {
            visit(classes[case.name.as_str()], case, &mut proxy, normal);
        }
    }
}

#[test]
fn a_hostile_request_costs_at_most_a_normal_one_and_a_fixed_price_a_byte() {
    let mut dear = Vec::new();
    let mut dearest: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    each_case(|class, case, proxy, normal| {
        let request = case.request(proxy.document, proxy.now());
        let (fuel, bytes) = (proxy.fuel(&request), bytes(&request));
        // What a request costs depends a little on where the heap of the module begins, and so on its build.
        let is_dear = fuel + fuel / 50 > normal + PER_BYTE * bytes;
        let known = DEAR.iter().find(|(name, _)| *name == case.name);
        if known.is_some() && !is_dear {
            dear.push(format!("{}: {fuel} for {bytes} bytes is no longer dear", case.name));
        }
        if fuel > normal + known.map_or(PER_BYTE, |(_, per_byte)| *per_byte) * bytes {
            dear.push(format!("{class}, {}: {fuel} for {bytes} bytes (normal: {normal})", case.name));
        }
        let row = (fuel, bytes, case.name.clone());
        dearest
            .entry(class.to_owned())
            .and_modify(|found| *found = row.clone().max(found.clone()))
            .or_insert(row);
    });
    if std::env::var_os("SHOW_COST").is_some() {
        for (class, (fuel, bytes, name)) in &dearest {
            println!("| {class} | {name} | {bytes} | {fuel} |");
        }
    }
    assert!(dear.is_empty(), "{} requests are dear:\n{}", dear.len(), dear.join("\n"));
}

/// Every text of the corpus that is long because a part is repeated, with twice the repetitions.
#[test]
fn twice_the_input_costs_at_most_twice_as_much() {
    let (mut dear, mut doubled) = (Vec::new(), 0);
    each_case(|class, case, proxy, normal| {
        let Some(twice) = case.doubled() else { return };
        let [once, twice] = [case, &twice].map(|case| case.request(proxy.document, proxy.now()));
        let (half, whole) = (proxy.fuel(&once), proxy.fuel(&twice));
        if whole > 2 * half + normal {
            dear.push(format!("{class}, {}: {half}, then {whole}", case.name));
        }
        doubled += 1;
    });
    assert!(doubled >= 30, "{doubled}");
    assert!(dear.is_empty(), "{} costs are not linear:\n{}", dear.len(), dear.join("\n"));
}
