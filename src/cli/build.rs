//! What the binary says of itself, and the filter's module in it.
//!
//! `USAGE_PLAN_MODULE` names the module to put in; a relative path begins at the top of the repository.
//! Without the variable the binary has none. Nothing else is read but the repository's commit, so a build
//! needs no network, and the same sources and module make the same binary.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.ancestors().nth(2).unwrap_or(&here);
    println!("cargo::rerun-if-changed=build.rs");
    let mut version = env::var("CARGO_PKG_VERSION")?;
    if let Some(commit) = commit(root) {
        version.push_str(&format!("\ncommit {commit}"));
    }
    let module = match module(root)? {
        Some((path, digest)) => {
            version.push_str(&format!("\nmodule sha256:{digest}"));
            format!("Some(include_bytes!({path:?}))")
        }
        None => "None".to_owned(),
    };
    let text = format!(
        "/// The filter's module, if it was put in when this program was built.\n\
         pub(crate) const EMBEDDED: Option<&[u8]> = {module};\n\
         /// The version, the commit and the module's digest.\n\
         pub(crate) const LONG_VERSION: &str = {version:?};\n"
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built.rs"), text)?;
    Ok(())
}

/// The path of the module to put in, and its digest in hexadecimal digits.
fn module(root: &Path) -> Result<Option<(PathBuf, String)>, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=USAGE_PLAN_MODULE");
    let Some(path) = env::var_os("USAGE_PLAN_MODULE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let path = root.join(path);
    println!("cargo::rerun-if-changed={}", path.display());
    let bytes = fs::read(&path).map_err(|error| format!("USAGE_PLAN_MODULE={}: {error}", path.display()))?;
    if !bytes.starts_with(b"\0asm") {
        return Err(format!("USAGE_PLAN_MODULE={}: is no WebAssembly module", path.display()).into());
    }
    let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some((path, digest)))
}

/// The commit of the repository at `root`; none where the sources lie without one.
fn commit(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    // Sources that somebody put into another repository are not at its top: that one's commit says nothing.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if fs::canonicalize(top).ok()? != fs::canonicalize(root).ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    // One of these changes when the commit does. A file that is not there would make each build a new one.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_default();
    for name in ["HEAD", "packed-refs", &branch].into_iter().filter(|name| !name.is_empty()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).map(|path| root.join(path))
            && path.exists()
        {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Some(commit)
}
