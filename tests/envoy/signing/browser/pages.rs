//! A web server with a few pages, and an address to which they send what they have seen.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::Value;

use crate::PATIENCE;

/// A web server on loopback, which ends when it is dropped.
pub(super) struct Pages {
    listener: Arc<TcpListener>,
    ended: Arc<AtomicBool>,
}

// === impl Pages ===

impl Pages {
    /// A server on a free port. It answers once it [serves](Self::serve).
    pub(super) fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self { listener: Arc::new(listener), ended: Arc::default() }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address())
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("the port is bound")
    }

    /// Serves `pages`, and returns what is posted to `/report`.
    pub(super) fn serve(&self, pages: [(&'static str, String); 2]) -> Receiver<Value> {
        let (listener, ended, pages) = (self.listener.clone(), self.ended.clone(), Arc::new(pages));
        let (sender, reports) = channel();
        thread::spawn(move || {
            // A browser opens connections in advance, and sends nothing on some of them: each has a thread.
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let (pages, sender) = (pages.clone(), sender.clone());
                thread::spawn(move || answer(&stream, &*pages, &sender));
            }
        });
        reports
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address());
    }
}

/// Answers the one request of a connection. `None` when there is none.
fn answer(mut stream: &TcpStream, pages: &[(&str, String)], reports: &Sender<Value>) -> Option<()> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut request_line = head.lines().next()?.split(' ');
    let (method, path) = (request_line.next()?, request_line.next()?);
    let page = pages.iter().find(|(at, _)| method == "GET" && *at == path).map(|(_, page)| page);
    let response = if (method, path) == ("POST", "/report") {
        let header = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok();
        let mut body = vec![0; head.lines().find_map(header)?];
        reader.read_exact(&mut body).ok()?;
        reports.send(serde_json::from_slice(&body).ok()?).ok()?;
        "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned()
    } else if let Some(page) = page {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length:";
        format!("{head} {}\r\n\r\n{page}", page.len())
    } else {
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
    };
    stream.write_all(response.as_bytes()).ok()
}
