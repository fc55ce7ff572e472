//! The ports that a user chooses.

use testbed::ports::{ADMIN, INGRESS, UPSTREAM};
use testbed::{Error, Ports, Result};

/// The variable of the server's port, and the port without it.
const SERVER: &str = "SERVER_PORT";
const SERVER_PORT: &str = "8088";

/// `INGRESS_PORT`, `ADMIN_PORT` and `UPSTREAM_PORT`, by default those of the files in `envoy/`.
///
/// # Errors
/// One is not a port number.
pub(super) fn from_env() -> Result<Ports> {
    chosen(|variable| std::env::var(variable).ok())
}

/// Where the server listens: `SERVER_PORT` of this machine, by default that of `usage-plan serve`; 0 is any.
///
/// # Errors
/// It is not a port number.
pub(super) fn server() -> Result<String> {
    let text = std::env::var(SERVER).ok().filter(|text| !text.is_empty());
    let text = text.unwrap_or_else(|| SERVER_PORT.to_owned());
    match text.parse::<u16>() {
        Ok(port) => Ok(format!("127.0.0.1:{port}")),
        Err(_) => Err(Error::new(format!("{SERVER}={text} is not a port number (0 to 65535)"))),
    }
}

fn chosen(variable: impl Fn(&str) -> Option<String>) -> Result<Ports> {
    let port = |name: &str, default: u16| {
        let text = variable(name).filter(|text| !text.is_empty()).unwrap_or_else(|| default.to_string());
        match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(Error::new(format!("{name}={text} is not a port number (1 to 65535)"))),
        }
    };
    Ok(Ports {
        ingress: port(INGRESS, Ports::SHIPPED.ingress)?,
        admin: port(ADMIN, Ports::SHIPPED.admin)?,
        upstream: port(UPSTREAM, Ports::SHIPPED.upstream)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_variables_the_ports_are_those_of_the_files() {
        assert_eq!(chosen(|_| None), Ok(Ports::SHIPPED));
        assert_eq!(chosen(|_| Some(String::new())), Ok(Ports::SHIPPED));
    }

    #[test]
    fn what_is_not_a_port_number_is_an_error() {
        for text in ["0", "65536", "http", "-1"] {
            let message = format!("INGRESS_PORT={text} is not a port number (1 to 65535)");
            assert_eq!(chosen(|_| Some(text.to_owned())), Err(Error::new(message)));
        }
    }
}
