//! A service behind Envoy that records the head of every request and accepts WebSockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use testbed::Config;

/// The service. It serves until the test's process ends.
pub(super) struct Upstream {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    /// Starts it on a free port.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, kept) = (stream.expect("a connection"), Arc::clone(&kept));
                std::thread::spawn(move || serve(stream, &kept).expect("Envoy's connection"));
            }
        });
        Self { port, heads }
    }

    /// `config` with this service instead of the shipped one.
    pub(super) fn behind(&self, config: Config) -> Config {
        let port = self.port;
        config.edit(move |tree| {
            let endpoint = &mut tree["static_resources"]["clusters"][0]["load_assignment"]["endpoints"][0];
            endpoint["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]["port_value"] = port.into();
        })
    }

    /// The heads of the requests since the last call, in lower case.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heads.lock().expect("no thread panicked"))
    }
}

/// Records and answers requests one by one. After the request for a WebSocket, sends back what it receives.
fn serve(mut stream: TcpStream, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match stream.read_exact(&mut byte) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                read => read?,
            }
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let is_websocket = head.contains("\r\nupgrade: websocket\r\n");
        kept.lock().expect("no thread panicked").push(head);
        if is_websocket {
            stream.write_all(
                b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
            )?;
            std::io::copy(&mut stream.try_clone()?, &mut stream)?;
            return Ok(());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}
