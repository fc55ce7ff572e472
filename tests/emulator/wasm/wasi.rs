//! The functions that a Rust module imports from WASI, as Envoy has them: an environment, an exit, and a
//! standard output that goes to the log.

use wasmi::errors::LinkerError;
use wasmi::{Error, Linker};

use super::guest::{Guest, read, write};
use crate::abi::Level;
use crate::hostcalls::Proxy;

const MODULE: &str = "wasi_snapshot_preview1";

const SUCCESS: u32 = 0;
const BADF: u32 = 8;

/// Defines them. A module that imports anything else of WASI cannot be loaded here.
pub(crate) fn link(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    link_environment(linker)?;
    linker.func_wrap(MODULE, "fd_write", fd_write)?;
    linker
        .func_wrap(MODULE, "proc_exit", |status: u32| Err::<(), _>(Error::i32_exit(status.cast_signed())))?;
    Ok(())
}

fn link_environment(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap(MODULE, "environ_sizes_get", |mut guest: Guest<'_>, count: u32, size: u32| {
        let variables = variables(&guest);
        let bytes: usize = variables.iter().map(Vec::len).sum();
        write(&mut guest, count, &(variables.len() as u32).to_le_bytes())?;
        write(&mut guest, size, &(bytes as u32).to_le_bytes()).map(|()| SUCCESS)
    })?;
    linker.func_wrap(MODULE, "environ_get", |mut guest: Guest<'_>, mut pointers: u32, mut buffer: u32| {
        for variable in variables(&guest) {
            write(&mut guest, pointers, &buffer.to_le_bytes())?;
            write(&mut guest, buffer, &variable)?;
            pointers += 4;
            buffer += variable.len() as u32;
        }
        Ok::<_, Error>(SUCCESS)
    })?;
    Ok(())
}

fn variables(guest: &Guest<'_>) -> Vec<Vec<u8>> {
    let variables = guest.data().shared.environment();
    variables.iter().map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

fn fd_write(mut guest: Guest<'_>, fd: u32, vectors: u32, count: u32, written: u32) -> Result<u32, Error> {
    let level = match fd {
        1 => Level::Info,
        2 => Level::Error,
        _ => return Ok(BADF),
    };
    let mut text = Vec::new();
    for vector in read(&guest, vectors, count * 8)?.chunks_exact(8) {
        let number = |n: usize| u32::from_le_bytes([vector[n], vector[n + 1], vector[n + 2], vector[n + 3]]);
        text.extend(read(&guest, number(0), number(4))?);
    }
    write(&mut guest, written, &(text.len() as u32).to_le_bytes())?;
    guest.data().shared.log(level, String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned());
    Ok(SUCCESS)
}
