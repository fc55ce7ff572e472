//! Encryption, and the certificates by which Envoys show who they are.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};

/// The files of a server's certificate.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate, and those between it and an authority, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// What is spoken after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, for operators.
    Http1,
    /// HTTP/2, for Envoys.
    Http2,
}

/// Why there is no encryption. No text of a key is in it.
#[derive(Debug)]
pub enum Error {
    /// A file cannot be read.
    File(PathBuf, io::Error),
    /// A file has no certificate or no key.
    Empty(PathBuf),
    /// The certificates and the key cannot be used together.
    Unusable(PathBuf, rustls::Error),
    /// The authorities of clients cannot be used.
    Authorities(PathBuf),
}

// === impl Protocol ===

impl Protocol {
    fn name(self) -> Vec<u8> {
        match self {
            Self::Http1 => b"http/1.1".to_vec(),
            Self::Http2 => b"h2".to_vec(),
        }
    }
}

/// What encrypts the connections of a listener. With `authorities`, only clients with a certificate of one of
/// them get in.
///
/// # Errors
///
/// A file cannot be used.
pub fn acceptor(files: &Files, authorities: Option<&Path>, protocol: Protocol) -> Result<TlsAcceptor, Error> {
    let certificates = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable(&files.key, error))?;
    let provider = Arc::new(default_provider());
    let unusable = |error| Error::Unusable(files.certificate.clone(), error);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = match authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(self::certificates(path)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(|_| Error::Authorities(path.to_owned()))?)
        }
    };
    let mut config = builder.with_single_cert(certificates, key).map_err(unusable)?;
    config.alpn_protocols = vec![protocol.name()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, error))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| unreadable(path, error))?;
    if found.is_empty() { Err(Error::Empty(path.to_owned())) } else { Ok(found) }
}

fn unreadable(path: &Path, error: pem::Error) -> Error {
    match error {
        pem::Error::Io(error) => Error::File(path.to_owned(), error),
        _ => Error::Empty(path.to_owned()),
    }
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Empty(path) => {
                write!(f, "{} has no certificate or private key in PEM, or a broken one", path.display())
            }
            Self::Unusable(path, error) => {
                write!(f, "{} cannot be used with that key: {error}", path.display())
            }
            Self::Authorities(path) => write!(f, "{} has no authority that can be used", path.display()),
        }
    }
}

impl std::error::Error for Error {}
