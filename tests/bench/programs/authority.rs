//! What a service could do instead of a filter: a gRPC server that `ext_authz` asks about each request.
//!
//! `authority PORT-FILE LIMIT` verifies HMAC-SHA1 of one key and admits LIMIT requests in any second, all in
//! one process. It checks less than the filter does: no date, one key, no services, no plans; and the caller
//! learns nothing from it.

#![forbid(unsafe_code)]

use std::net::Ipv4Addr;
use std::time::Duration;
use std::{env, error, fs, io};

use bench::service::Authority;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

fn main() -> Result<(), Box<dyn error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(limit)) = (arguments.next(), arguments.next()) else {
        return Err("usage: authority PORT-FILE LIMIT".into());
    };
    let service = Authority::new(limit.parse()?, Duration::from_secs(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        tell_port(&file, listener.local_addr()?.port())?;
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        Server::builder().serve_with_incoming(service, incoming).await?;
        Ok(())
    })
}

/// Writes the port at once: who reads the file finds all of it, or no file.
fn tell_port(file: &str, port: u16) -> io::Result<()> {
    let unfinished = format!("{file}.unfinished");
    fs::write(&unfinished, port.to_string())?;
    fs::rename(unfinished, file)
}
