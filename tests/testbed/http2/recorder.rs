//! A service over HTTP/2 that records every request that reaches it, and answers with 200.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::connection::{Connection, END_HEADERS, END_STREAM, Event, HEADERS, frame};
use crate::config::Config;
use crate::error::{Context, Result};

/// A connection may be idle as long as its proxy likes.
const IDLE: Duration = Duration::from_secs(3600);

/// `:status: 200` is in the static table (RFC 7541 appendix A).
const OK: &[u8] = &[0x88];

/// The service. It serves until the process ends.
pub struct Recorder {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

/// A request as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Names and values in their order, pseudo-headers included.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The fields after the body.
    pub trailers: Vec<(Vec<u8>, Vec<u8>)>,
}

// === impl Recorder ===

impl Recorder {
    /// Starts it on a free port of loopback.
    ///
    /// # Panics
    /// The system has no free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A connection that fails is the proxy's to report: its request has no answer.
                std::thread::spawn(move || drop(serve(stream, &kept)));
            }
        });
        Self { address, requests }
    }

    /// The address on which it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests since the last call, in the order in which they ended.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// `config` with this service, over HTTP/2, instead of the shipped one.
    #[must_use]
    pub fn behind(&self, config: Config) -> Config {
        let port = self.address.port();
        config.edit(move |tree| {
            let cluster = &mut tree["static_resources"]["clusters"][0];
            let endpoint = &mut cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"];
            endpoint["address"]["socket_address"]["port_value"] = port.into();
            cluster["typed_extension_protocol_options"] = json!({
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "explicit_http_config": {"http2_protocol_options": {}},
                },
            });
        })
    }
}

// === impl Recorded ===

impl Recorded {
    /// The values of all headers of that name.
    pub fn all(&self, name: &str) -> Vec<&[u8]> {
        let named = self.headers.iter().filter(|(other, _)| other == name.as_bytes());
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// The value of the first header of that name, as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name).first().map(|value| String::from_utf8_lossy(value).into_owned())
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Recorded>>) -> Result<()> {
    let mut preface = [0; 24];
    std::io::Read::read_exact(&mut &stream, &mut preface).context("the preface")?;
    let mut connection = Connection::new(stream, IDLE)?;
    connection.greet(&[])?;
    // A proxy may have several requests on one connection.
    let mut open: BTreeMap<u32, Recorded> = BTreeMap::new();
    while let Some(event) = connection.next()? {
        let (stream, end) = match event {
            Event::Fields { stream, fields, end } => {
                match open.get_mut(&stream) {
                    Some(request) => request.trailers = fields,
                    None => drop(open.insert(stream, Recorded { headers: fields, trailers: Vec::new() })),
                }
                (stream, end)
            }
            Event::Data { stream, end, .. } => (stream, end),
            // It has reached the service, although the proxy changed its mind.
            Event::Reset { stream } => {
                open.remove(&stream).into_iter().for_each(|request| keep(kept, request));
                continue;
            }
            Event::GoAway => continue,
        };
        if end && let Some(request) = open.remove(&stream) {
            keep(kept, request);
            connection.write(&frame(HEADERS, END_HEADERS | END_STREAM, stream, OK))?;
        }
    }
    Ok(())
}

fn keep(kept: &Mutex<Vec<Recorded>>, request: Recorded) {
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
}
