//! A worker that the corpus is sent to.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use emulator::{Exchange, Failure, Shared, Worker};
use serde_json::Value;
use testbed::attacks::{Case, Observed};
use testbed::{Algorithm, Recorded, Request, Signer};

/// A worker with a document of the corpus, whose key `spent` has used its quota up.
pub(super) struct Proxy<'a, W> {
    pub(super) shared: Arc<Shared>,
    pub(super) worker: W,
    pub(super) document: &'a Value,
}

// === impl Proxy ===

impl<'a, W: Worker> Proxy<'a, W> {
    pub(super) fn start(document: &'a Value) -> Self {
        let shared = Shared::new();
        // A date is compared in whole seconds, so the clock shows the end of one.
        shared.clock().advance(Duration::from_millis(999));
        let worker = W::start(&shared, document.to_string());
        let mut proxy = Self { shared, worker, document };
        let caller = Signer::new("AKIDspent001", "spent-secret-key-0001").algorithm(Algorithm::Sha256);
        let date = testbed::sign::http_date(proxy.now());
        let only = Request::get("orders.example.com", "/release/x").header("x-date", date);
        assert_eq!(proxy.worker.request(&caller.sign(only)).status(), 200);
        proxy
    }

    pub(super) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(self.shared.clock().now())
    }

    pub(super) fn try_send(&mut self, case: &Case) -> Result<Observed, Failure> {
        let request = case.request(self.document, self.now());
        self.worker.try_request(&request).map(observed)
    }

    pub(super) fn send(&mut self, case: &Case) -> Observed {
        self.try_send(case).unwrap_or_else(|failure| panic!("{}: {failure}", case.name))
    }
}

fn observed(exchange: Exchange) -> Observed {
    let owned = |(name, value): (&str, &[u8])| (name.as_bytes().to_vec(), value.to_vec());
    let upstream = exchange.upstream.as_ref().map(|headers| Recorded {
        headers: headers.iter().map(owned).collect(),
        trailers: exchange.upstream_trailers.iter().map(owned).collect(),
    });
    let text = |(name, value): (&str, &[u8])| (name.to_owned(), String::from_utf8_lossy(value).into_owned());
    Observed {
        status: Some(exchange.status()),
        outcome: exchange.state("wasm.usage_plan_outcome"),
        answer: exchange.response.iter().map(text).collect(),
        body: exchange.reply.map(|reply| reply.body).unwrap_or_default(),
        upstream: upstream.into_iter().collect(),
    }
}
