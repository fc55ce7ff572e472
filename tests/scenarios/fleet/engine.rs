//! An engine of the scenarios: a Rate Limit Service that counts by itself, without any code of the filter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::{GrpcAnswer, GrpcCall, Shared};

/// The domain that it knows.
pub(crate) const DOMAIN: &str = "usage-plans";

/// What the engine does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It counts, nothing of what it refuses, and says what is left.
    Counts,
    /// It counts, also what it refuses, and says that nothing is left then: as envoyproxy/ratelimit does.
    CountsRefusals,
    /// It has no such domain.
    UnknownDomain,
    /// It answers with what is no message.
    Nonsense,
    /// Its connection is refused.
    Refused,
    /// It takes the call, and never answers.
    Mute,
    /// Envoy never says how the call ended.
    Lost,
    /// Envoy does not even make the call, because it has no such cluster.
    NotMade,
}

/// What the filter asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The entries, as `key=value`, separated by spaces.
    pub(crate) counter: String,
    pub(crate) limit: u64,
    pub(crate) unit: u64,
    /// 0 only looks.
    pub(crate) hits: u64,
    pub(crate) cluster: String,
    pub(crate) timeout: u32,
}

#[derive(Clone)]
pub(crate) struct Engine(Arc<Mutex<State>>);

struct State {
    mode: Mode,
    counters: BTreeMap<String, u64>,
    asked: Vec<Asked>,
    granted: u64,
}

// === impl Engine ===

impl Engine {
    /// An engine that answers the filter's calls from now on.
    pub(crate) fn start(shared: &Arc<Shared>, mode: Mode) -> Self {
        let state = State { mode, counters: BTreeMap::new(), asked: Vec::new(), granted: 0 };
        let engine = Self(Arc::new(Mutex::new(state)));
        let (state, clock) = (engine.clone(), Arc::clone(shared));
        shared.answer_grpc(move |call| state.lock().answer(call, clock.clock().now() / 1_000_000_000));
        engine
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        self.lock().mode = mode;
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// How many tokens it has granted.
    pub(crate) fn granted(&self) -> u64 {
        self.lock().granted
    }

    /// Counts so many hits as if another Envoy had asked for them, in the present second.
    pub(crate) fn spend(&self, counter: &str, second: Option<u64>, hits: u64) {
        *self.lock().counters.entry(name(counter, second)).or_default() += hits;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rate has a counter in each second.
fn name(counter: &str, second: Option<u64>) -> String {
    second.map_or_else(|| counter.to_owned(), |second| format!("{counter} {second}"))
}

impl State {
    fn answer(&mut self, call: &GrpcCall, second: u64) -> GrpcAnswer {
        assert_eq!(call.service, "envoy.service.ratelimit.v3.RateLimitService");
        assert_eq!(call.method, "ShouldRateLimit");
        let asked = asked(call);
        self.asked.push(asked.clone());
        match self.mode {
            Mode::UnknownDomain => return GrpcAnswer::Message(vec![0x08, 1, 0x12, 2, 0x08, 1]),
            Mode::Nonsense => return GrpcAnswer::Message(b"<html>not found</html>".to_vec()),
            Mode::Refused => return GrpcAnswer::Status(14),
            Mode::Mute => return GrpcAnswer::Mute,
            Mode::Lost => return GrpcAnswer::Lost,
            Mode::NotMade => return GrpcAnswer::NotMade,
            Mode::Counts | Mode::CountsRefusals => {}
        }
        let second = (!asked.counter.contains(" p=")).then_some(second);
        let spent = self.counters.entry(name(&asked.counter, second)).or_default();
        let fits = *spent + asked.hits <= asked.limit;
        if fits || self.mode == Mode::CountsRefusals {
            *spent += asked.hits;
        }
        let left = asked.limit.saturating_sub(*spent);
        if fits {
            self.granted += asked.hits;
        }
        let (code, left) = match (fits, self.mode) {
            (true, _) => (1, left),
            (false, Mode::CountsRefusals) => (2, 0),
            (false, _) => (2, left),
        };
        let limit = [&[0x08][..], &varint(asked.limit), &[0x10], &varint(asked.unit)].concat();
        let status = [&[0x08, code, 0x12, limit.len() as u8], &limit[..], &[0x18], &varint(left)].concat();
        GrpcAnswer::Message([&[0x08, code, 0x12, status.len() as u8], &status[..]].concat())
    }
}

/// Reads a `RateLimitRequest` with one descriptor.
fn asked(call: &GrpcCall) -> Asked {
    let request = fields(&call.message);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let bytes_of = |message: &[Field], number: u64| -> Vec<Vec<u8>> {
        message.iter().filter(|field| field.0 == number).map(|field| field.2.clone()).collect()
    };
    let number_of =
        |message: &[Field], number: u64| message.iter().find(|field| field.0 == number).map(|field| field.1);
    assert_eq!(text(&bytes_of(&request, 1)[0]), DOMAIN);
    let descriptors = bytes_of(&request, 2);
    assert_eq!(descriptors.len(), 1, "one descriptor for each call");
    let descriptor = fields(&descriptors[0]);
    let entries = bytes_of(&descriptor, 1).into_iter().map(|entry| {
        let entry = fields(&entry);
        format!("{}={}", text(&bytes_of(&entry, 1)[0]), text(&bytes_of(&entry, 2)[0]))
    });
    let limit = fields(&bytes_of(&descriptor, 2)[0]);
    let own = bytes_of(&descriptor, 3).first().map(|own| number_of(&fields(own), 1).unwrap_or_default());
    let of_request = number_of(&request, 3).filter(|hits| *hits > 0).unwrap_or(1);
    let asked = Asked {
        counter: entries.collect::<Vec<_>>().join(" "),
        limit: number_of(&limit, 1).unwrap_or_default(),
        unit: number_of(&limit, 2).unwrap_or_default(),
        hits: own.unwrap_or(of_request),
        cluster: call.cluster.clone(),
        timeout: call.timeout,
    };
    assert!((1..=6).contains(&asked.unit), "a unit that ends the process of envoyproxy/ratelimit: {asked:?}");
    asked
}

/// The number of a field, its number if it is one, its bytes if it has any.
type Field = (u64, u64, Vec<u8>);

fn fields(mut rest: &[u8]) -> Vec<Field> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let tag = take_varint(&mut rest);
        let value = take_varint(&mut rest);
        let bytes = match tag & 7 {
            0 => &[],
            2 => rest.split_off(..value as usize).expect("the bytes are there"),
            other => panic!("a field of type {other}"),
        };
        found.push((tag >> 3, value, bytes.to_vec()));
    }
    found
}

fn take_varint(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *rest.split_off_first().expect("a number is whole");
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
