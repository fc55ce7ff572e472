//! HTTP/2 byte by byte: a client that sends exactly the fields it is given, and a service that records the
//! fields that reach it.
//!
//! Libraries refuse the fields that these tests are about, so frames are written and read here (RFC 9113).
//! Fields are sent neither indexed nor compressed. Those that are received are decoded by `loona-hpack`.

mod client;
mod connection;
mod recorder;

pub use self::client::Http2Client;
pub use self::recorder::{Recorded, Recorder};

#[cfg(test)]
mod tests {
    use super::connection::MAX_PAYLOAD;
    use super::*;
    use crate::http::Request;

    /// What the client sends is what the service records: any bytes, large blocks, trailers.
    #[test]
    fn fields_of_any_bytes_arrive_as_they_were_sent() {
        let recorder = Recorder::start();
        let mut client = Http2Client::new(recorder.address());
        let large = "v".repeat(3 * MAX_PAYLOAD + 5);
        for method in ["GET", "POST"] {
            let request = Request::get("a\u{ff} b", "no path").method(method).header("x-Any", b"\0\r\n\xff ");
            let request = request.header("host", "second").header("x-large", &large).trailer("x-t", &large);
            let request = if method == "POST" { request.body("a body") } else { request };
            let response = client.send(&request).expect("a connection").expect("an answer");
            assert_eq!((response.status, response.body.len()), (200, 0));
            let [recorded] = &recorder.take()[..] else { panic!("one request") };
            let names: Vec<_> = recorded.headers.iter().map(|(name, _)| name.as_slice()).collect();
            let expected = [":method", ":scheme", ":authority", ":path", "x-Any", "host", "x-large"];
            assert_eq!(names, expected.map(str::as_bytes));
            assert_eq!(recorded.all("x-Any"), [b"\0\r\n\xff "]);
            assert_eq!(recorded.all(":authority"), ["a\u{ff} b".as_bytes()]);
            assert_eq!(recorded.trailers, [(b"x-t".to_vec(), large.clone().into_bytes())]);
        }
    }
}
