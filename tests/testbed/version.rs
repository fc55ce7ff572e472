//! Envoy's binary that the tests run, and its version.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::error::{Context, Error, Result};

/// The version that is installed unless another one is chosen.
const DEFAULT: &str = "1.40.0";

/// A version's first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32);

/// Envoy's binary: the one that `ENVOY` names, or the one that `make envoy` installs.
///
/// # Errors
/// There is no file there.
pub fn binary() -> Result<PathBuf> {
    let chosen = std::env::var_os("ENVOY").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = chosen.unwrap_or_else(|| crate::repository().join(format!(".envoy/{DEFAULT}/bin/envoy")));
    if path.is_file() {
        return Ok(path);
    }
    let path = path.display();
    Err(Error::new(format!("no Envoy at {path}: run `make envoy`, or name one with ENVOY=…")))
}

impl Version {
    /// The version that the shipped configurations are for.
    pub const SHIPPED: Self = Self(1, 40);

    /// The version of [`binary`].
    ///
    /// # Errors
    /// There is no binary, or it does not say its version.
    pub fn of_envoy() -> Result<Self> {
        // The binary does not change while tests run, and starting it takes a while.
        static VERSION: OnceLock<Result<Version>> = OnceLock::new();
        VERSION.get_or_init(ask).clone()
    }

    /// The version with these two numbers.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self(major, minor)
    }

    /// The version as `render --envoy` and `publish --envoy` take it. Newer Envoys than the shipped
    /// configurations are for read those.
    pub fn name(self) -> String {
        let Self(major, minor) = self.min(Self::SHIPPED);
        format!("{major}.{minor}")
    }

    /// Reads `envoy  version: 1a2b3c/1.40.0/Clean/RELEASE/BoringSSL`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split("version: ").nth(1)?.split('/').nth(1)?.split('.');
        let mut number = || numbers.next()?.parse().ok();
        Some(Self(number()?, number()?))
    }
}

fn ask() -> Result<Version> {
    let binary = binary()?;
    let output = Command::new(&binary).arg("--version").output().context(binary.display())?;
    let text = String::from_utf8_lossy(&output.stdout);
    Version::parse(&text).ok_or_else(|| Error::new(format!("{} --version: {text:?}", binary.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_envoy_prints() {
        let printed = "\n/usr/bin/envoy  version: bad8280de/1.36.4/Clean/RELEASE/BoringSSL\n\n";
        let version = Version::parse(printed).expect("a version");
        assert!(version < Version::SHIPPED);
        assert_eq!(version.name(), "1.36");
        assert_eq!(Version(1, 41).name(), "1.40");
        assert_eq!(Version::parse("version: a/b/c"), None);
    }

    #[test]
    fn the_default_is_the_one_that_make_installs() {
        let path = crate::repository().join("Makefile");
        let makefile = std::fs::read_to_string(path).expect("the Makefile");
        assert!(makefile.contains(&format!("\nENVOY_VERSION := {DEFAULT}\n")), "{DEFAULT}");
    }
}
