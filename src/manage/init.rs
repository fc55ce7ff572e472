//! A gateway from nothing: a directory with all that an Envoy needs to serve, and an empty document.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use usage_plan_core::document::Errors;

use crate::publish::{self, Publisher, ValidDocument};
use crate::render::{self, EnvoyVersion, FilterOptions, GatewayOptions};

/// The document's name.
pub const DOCUMENT: &str = "usage-plans.json";

/// The name of Envoy's configuration.
pub const ENVOY: &str = "envoy.yaml";

/// The module's name.
pub const MODULE: &str = "envoy_usage_plan.wasm";

/// The native module's name.
pub const NATIVE_MODULE: &str = "libenvoy_usage_plan.so";

/// The directory that Envoy watches. It is one of its own, because Envoy reads the filter again whenever
/// anything in it is renamed, and an edit renames the document.
pub const PUBLISHED: &str = "published";

/// An empty document, with a place for each kind of object.
const EMPTY: &str = "{\n  \"services\": [],\n  \"keys\": [],\n  \"usage_plans\": []\n}\n";

/// Only the owner reads what holds secrets, or will.
const OF_OWNER: u32 = 0o600;

const OF_ALL: u32 = 0o644;

/// The addresses of the shipped configuration.
const SHIPPED_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 10000);
const SHIPPED_ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9901);

/// A gateway to make.
pub struct NewGateway<'a> {
    /// Its directory, which is made unless it is there and empty.
    pub directory: &'a Path,
    /// The filter's module.
    pub module: &'a [u8],
    /// Whether that is the native module and not the wasm module.
    pub native: bool,
    /// The Envoy that it is for.
    pub envoy: EnvoyVersion,
    /// The addresses.
    pub addresses: GatewayOptions,
}

/// A gateway that was made.
#[derive(Debug)]
pub struct Gateway {
    /// Its directory, without links.
    pub directory: PathBuf,
    /// The address that callers connect to.
    pub listen: SocketAddr,
    /// The address at which callers on this machine reach it.
    pub gateway: SocketAddr,
    /// The address at which Envoy's admin interface is reached from here.
    pub admin: SocketAddr,
}

/// Why no gateway was made.
#[derive(Debug)]
pub enum Error {
    /// There is something in the directory. Nothing was written.
    NotEmpty {
        /// What is there, in the order of the names.
        found: Vec<String>,
    },
    /// What was to be the module is none of its kind. Nothing was written.
    NoModule {
        /// Whether it was to be the native module.
        native: bool,
    },
    /// A configuration could not be rendered. Nothing was written.
    Render(render::Error),
    /// The empty document breaks a rule of this version.
    Document(Errors),
    /// The document could not be published.
    Publish(publish::Error),
    /// A file could not be written.
    File {
        /// The file, or the directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Makes a gateway. `notes` are more files for it, with their names.
pub fn init(
    new: &NewGateway<'_>,
    notes: impl FnOnce(&Gateway) -> Vec<(&'static str, String)>,
) -> Result<Gateway, Error> {
    let magic: &[u8] = if new.native { b"\x7fELF" } else { b"\0asm" };
    if !new.module.starts_with(magic) {
        return Err(Error::NoModule { native: new.native });
    }
    let failed = |error| Error::File { path: new.directory.to_owned(), error };
    let is_new = !new.directory.exists();
    fs::create_dir_all(new.directory).map_err(failed)?;
    let entries = fs::read_dir(new.directory).map_err(failed)?;
    let mut found: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    if !found.is_empty() {
        found.sort();
        return Err(Error::NotEmpty { found });
    }
    let directory = fs::canonicalize(new.directory).map_err(failed)?;
    let written = new.write(directory, notes);
    if written.is_err() && is_new {
        // Only what was made here is taken away again.
        let _ = fs::remove_dir_all(new.directory);
    }
    written
}

/// Whoever listens on every address is reached on the loopback one.
fn reached(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

// === impl NewGateway ===

impl NewGateway<'_> {
    fn write(
        &self,
        directory: PathBuf,
        notes: impl FnOnce(&Gateway) -> Vec<(&'static str, String)>,
    ) -> Result<Gateway, Error> {
        let listen = self.addresses.listen.unwrap_or(SHIPPED_LISTEN);
        let admin = reached(self.addresses.admin.unwrap_or(SHIPPED_ADMIN));
        let gateway = Gateway { listen, gateway: reached(listen), admin, directory };
        let published = gateway.directory.join(PUBLISHED);
        let name = if self.native { NATIVE_MODULE } else { MODULE };
        let module = gateway.directory.join(name).display().to_string();
        let options =
            FilterOptions { module: Some(module), vm_id: None, envoy: self.envoy, native: self.native };
        let envoy = render::hot_reload(&published, publish::NAME, &options, &self.addresses);
        let envoy = envoy.map_err(Error::Render)?;
        gateway.write(name, self.module, OF_ALL)?;
        gateway.write(ENVOY, envoy.as_bytes(), OF_ALL)?;
        gateway.write(DOCUMENT, EMPTY.as_bytes(), OF_OWNER)?;
        for (name, text) in notes(&gateway) {
            gateway.write(name, text.as_bytes(), OF_ALL)?;
        }
        fs::create_dir(&published).map_err(|error| Error::File { path: published.clone(), error })?;
        let publisher = Publisher {
            directory: &published,
            mode: OF_OWNER,
            resolve: false,
            options,
            admins: &[],
            timeout: Duration::ZERO,
            stop: &AtomicBool::new(false),
        };
        let document = ValidDocument::parse(EMPTY.as_bytes()).map_err(Error::Document)?;
        publisher.publish(&document).map_err(Error::Publish)?;
        Ok(gateway)
    }
}

// === impl Gateway ===

impl Gateway {
    /// Writes a file, which must not be there.
    fn write(&self, name: &str, contents: &[u8], mode: u32) -> Result<(), Error> {
        let path = self.directory.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let written = file.and_then(|mut file| file.write_all(contents));
        written.map_err(|error| Error::File { path, error })
    }
}
