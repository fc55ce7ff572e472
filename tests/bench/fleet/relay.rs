//! A way to the engine that takes time, where the kernel cannot make one (`tc netem`).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Passes connections on, and what is sent on them so much later each way. It ends with the process.
pub(crate) fn start(listen: SocketAddr, to: SocketAddr, later: Duration) {
    let listener = TcpListener::bind(listen).expect("its port is free");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(other) = TcpStream::connect(to) else { continue };
            let _ = (stream.set_nodelay(true), other.set_nodelay(true));
            for (from, to) in [(&stream, &other), (&other, &stream)] {
                let (from, to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
                pass_on(from, to, later);
            }
        }
    });
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, later: Duration) {
    let (sender, receiver) = channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + later, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in receiver {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}
