//! Engines of the tests: one with the manners of envoyproxy/ratelimit, in memory or on a real Redis, and
//! the ways in which an engine can be of no use.

mod counters;
mod lock;
mod redis;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use testbed::ports::{free_ports, local};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use usage_plan_engine::message::{
    Code, DescriptorStatus, RateLimit, RateLimitDescriptor, RateLimitRequest, RateLimitResponse,
};

pub(crate) use self::counters::Counters;
use self::lock::lock;
pub(crate) use self::redis::Redis;

/// The domain that it has a file for.
const DOMAIN: &str = "usage-plans";

/// The lengths of its windows in seconds, by the number of the unit: a month has 30 days, a year 365.
const LENGTHS: [u64; 6] = [1, 60, 3_600, 86_400, 30 * 86_400, 365 * 86_400];

/// How an engine behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As envoyproxy/ratelimit does.
    Counts,
    /// It answers nothing as long as it behaves so, and then as it behaves next.
    Held,
    /// It accepts calls and never answers them.
    Mute,
    /// It answers with an error of gRPC.
    Fails,
    /// It answers with bytes that are no answer.
    Nonsense,
    /// It answers as for a domain that it has no file of: OK, without a limit, and counts nothing.
    UnknownDomain,
}

/// A call, and its result.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) entries: BTreeMap<String, String>,
    pub(crate) limit: u32,
    pub(crate) unit: i32,
    pub(crate) hits: u64,
    /// The second of the engine's clock in which it was counted.
    pub(crate) second: u64,
    /// Whether it was granted; false if it could not be counted.
    pub(crate) granted: bool,
}

/// A running engine. It ends when it is dropped.
pub(crate) struct FakeEngine {
    /// What answers. Dropping it closes every connection.
    runtime: Option<Runtime>,
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    manner: watch::Sender<Manner>,
    counters: Counters,
    calls: Mutex<Vec<Call>>,
    /// What would have ended envoyproxy/ratelimit.
    deaths: Mutex<Vec<String>>,
}

/// What a call is answered with.
enum Answer {
    Response(RateLimitResponse),
    Bytes(Vec<u8>),
    Status(i32, &'static str),
    Never,
}

// === impl FakeEngine ===

impl FakeEngine {
    /// Starts an engine that counts in memory.
    pub(crate) fn start() -> Self {
        Self::with(Counters::in_memory())
    }

    /// Starts an engine that counts there.
    pub(crate) fn with(counters: Counters) -> Self {
        let [port] = free_ports().expect("a port");
        let state = State {
            manner: watch::Sender::new(Manner::Counts),
            counters,
            calls: Mutex::default(),
            deaths: Mutex::default(),
        };
        let mut engine = Self { runtime: None, address: local(port), state: Arc::new(state) };
        engine.listen();
        engine
    }

    /// Listens again after [`close`](Self::close).
    pub(crate) fn listen(&mut self) {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(self.address)).expect("its port is free");
        runtime.spawn(serve(listener, Arc::clone(&self.state)));
        self.runtime = Some(runtime);
    }

    /// Ends it: its port is closed, and so is each connection. What it has counted stays.
    pub(crate) fn close(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    pub(crate) fn behave(&self, manner: Manner) {
        self.state.manner.send_replace(manner);
    }

    /// From now on every counter is used up.
    pub(crate) fn spend_all(&self) {
        self.state.counters.spend_all();
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let deaths = lock(&self.state.deaths);
        assert!(deaths.is_empty(), "envoyproxy/ratelimit would have died: {deaths:?}");
        lock(&self.state.calls).clone()
    }

    /// How much was granted in each second, of the rates.
    pub(crate) fn granted_by_second(&self) -> BTreeMap<u64, u64> {
        let mut seconds = BTreeMap::new();
        for call in self.calls().iter().filter(|call| call.granted && !call.entries.contains_key("p")) {
            *seconds.entry(call.second).or_default() += call.hits;
        }
        seconds
    }

    /// How much of the quotas was granted.
    pub(crate) fn granted_of_quotas(&self) -> u64 {
        let calls = self.calls();
        let granted = calls.iter().filter(|call| call.granted && call.entries.contains_key("p"));
        granted.map(|call| call.hits).sum()
    }
}

// === impl Drop ===

impl Drop for FakeEngine {
    fn drop(&mut self) {
        self.close();
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&state), request));
            let connection = http2::Builder::new(TokioExecutor::new());
            let _closed = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

type Body = http_body_util::combinators::BoxBody<Bytes, Infallible>;

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let body = request.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let message = body.get(5..).unwrap_or_default();
    let answer = match RateLimitRequest::decode(message) {
        // It goes on when its caller has stopped waiting, as a command does that was sent to Redis.
        Ok(request) => {
            tokio::spawn(async move { state.answer(request).await }).await.expect("it is answered")
        }
        Err(_) => Answer::Status(3, "it is no request"),
    };
    let (bytes, status, reason) = match answer {
        Answer::Response(response) => (response.encode_to_vec(), 0, ""),
        Answer::Bytes(bytes) => (bytes, 0, ""),
        Answer::Status(status, reason) => (Vec::new(), status, reason),
        Answer::Never => std::future::pending().await,
    };
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from(status));
    trailers.insert("grpc-message", HeaderValue::from_static(reason));
    let frame = match status {
        0 => [&[0], &u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], &bytes].concat(),
        _ => Vec::new(),
    };
    let body = Full::from(frame).with_trailers(async move { Some(Ok(trailers)) });
    let response = Response::builder().header("content-type", "application/grpc").body(body.boxed());
    Ok(response.expect("a response"))
}

// === impl State ===

impl State {
    async fn answer(&self, request: RateLimitRequest) -> Answer {
        let mut manner = self.manner.subscribe();
        let manner = *manner.wait_for(|manner| *manner != Manner::Held).await.expect("its state lives");
        match manner {
            Manner::Mute | Manner::Held => Answer::Never,
            Manner::Fails => Answer::Status(2, "it fails"),
            Manner::Nonsense => Answer::Bytes(vec![0xff; 9]),
            Manner::UnknownDomain => unlimited(),
            Manner::Counts => self.count(&request).await,
        }
    }

    async fn count(&self, request: &RateLimitRequest) -> Answer {
        if request.domain.is_empty() {
            return Answer::Status(2, "rate limit domain must not be empty");
        }
        let [descriptor] = &request.descriptors[..] else {
            return self.die(format!("{} descriptors in a call", request.descriptors.len()));
        };
        let Some(limit) = descriptor.limit.as_ref().filter(|_| request.domain == DOMAIN) else {
            return unlimited();
        };
        let length = usize::try_from(limit.unit - 1).ok().and_then(|unit| LENGTHS.get(unit));
        let Some(&length) = length else { return self.die(format!("unit {}", limit.unit)) };
        if descriptor.is_negative_hits {
            return self.die("negative hits, which it would count as positive".to_owned());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let hits = descriptor.hits_addend.unwrap_or(u64::from(request.hits_addend.max(1)));
        let window = now.as_secs() / length * length;
        let key = key(descriptor, window);
        let counted = self.counters.add(&key, hits, length).await;
        let granted = counted.as_ref().is_ok_and(|&after| after <= u64::from(limit.requests_per_unit));
        let entries = descriptor.entries.iter().map(|entry| (entry.key.clone(), entry.value.clone()));
        lock(&self.calls).push(Call {
            entries: entries.collect(),
            limit: limit.requests_per_unit,
            unit: limit.unit,
            hits,
            second: now.as_secs(),
            granted,
        });
        let Ok(after) = counted else { return Answer::Status(2, "Redis does not answer") };
        // A refusal always tells 0.
        let left = u64::from(limit.requests_per_unit).saturating_sub(after);
        let code = if granted { Code::Ok } else { Code::OverLimit };
        let until_reset = Duration::from_secs(window + length - now.as_secs());
        respond(DescriptorStatus {
            code: code.into(),
            current_limit: Some(RateLimit { requests_per_unit: limit.requests_per_unit, unit: limit.unit }),
            limit_remaining: u32::try_from(left).expect("less than the limit"),
            duration_until_reset: Some(until_reset.into()),
        })
    }

    /// Notes what would have ended envoyproxy/ratelimit.
    fn die(&self, reason: String) -> Answer {
        lock(&self.deaths).push(reason);
        Answer::Status(14, "it has died")
    }
}

/// The name of a counter, which has neither the unit nor the limit in it.
fn key(descriptor: &RateLimitDescriptor, window: u64) -> String {
    let entries = descriptor.entries.iter().map(|entry| format!("{}_{}_", entry.key, entry.value));
    format!("{DOMAIN}_{}{window}", entries.collect::<String>())
}

/// The answer for what it has no limit of.
fn unlimited() -> Answer {
    respond(DescriptorStatus { code: Code::Ok.into(), ..DescriptorStatus::default() })
}

fn respond(status: DescriptorStatus) -> Answer {
    Answer::Response(RateLimitResponse { overall_code: status.code, statuses: vec![status] })
}
