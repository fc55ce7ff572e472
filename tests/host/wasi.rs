//! The functions that a Rust module imports from WASI, as Envoy has them: an environment, a clock, random bytes, and a
//! standard output that goes to the log.

use super::abi::Level;
use super::hostcalls::Host;
use super::wasm_calls::{Guest, read, write};
use wasmi::errors::LinkerError;
use wasmi::{Error, Linker};

const MODULE: &str = "wasi_snapshot_preview1";

const SUCCESS: u32 = 0;
const BADF: u32 = 8;
const NOSYS: u32 = 52;
const NOTSUP: u32 = 58;

/// Defines them. Whatever else a module imports from WASI, Envoy would not load it for.
pub(super) fn link(linker: &mut Linker<Host>) -> Result<(), LinkerError> {
    link_environment(linker)?;
    linker.func_wrap(MODULE, "clock_time_get", clock_time_get)?;
    linker.func_wrap(MODULE, "random_get", random_get)?;
    linker.func_wrap(MODULE, "fd_write", fd_write)?;
    linker.func_wrap(MODULE, "fd_read", |_: u32, _: u32, _: u32, _: u32| NOSYS)?;
    linker.func_wrap(MODULE, "fd_seek", |_: u32, _: i64, _: u32, _: u32| SUCCESS)?;
    linker.func_wrap(MODULE, "fd_close", |_: u32| SUCCESS)?;
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut guest: Guest<'_>, fd: u32, stat: u32| {
        // 24 bytes of zeros but for the right to write.
        let mut bytes = [0; 24];
        bytes[8] = 64;
        if fd == 1 || fd == 2 { write(&mut guest, stat, &bytes).map(|()| SUCCESS) } else { Ok(BADF) }
    })?;
    linker
        .func_wrap(MODULE, "proc_exit", |status: u32| Err::<(), _>(Error::i32_exit(status.cast_signed())))?;
    Ok(())
}

fn link_environment(linker: &mut Linker<Host>) -> Result<(), LinkerError> {
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
    linker.func_wrap(MODULE, "args_sizes_get", |mut guest: Guest<'_>, count: u32, size: u32| {
        write(&mut guest, count, &[0; 4])?;
        write(&mut guest, size, &[0; 4]).map(|()| SUCCESS)
    })?;
    linker.func_wrap(MODULE, "args_get", |_: u32, _: u32| SUCCESS)?;
    Ok(())
}

fn variables(guest: &Guest<'_>) -> Vec<Vec<u8>> {
    let variables = guest.data().shared.environment();
    variables.iter().map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

/// The clock moved by hand. Of the clocks only the real-time one exists, as in Envoy.
fn clock_time_get(mut guest: Guest<'_>, clock: u32, _precision: u64, time: u32) -> Result<u32, Error> {
    if clock != 0 {
        return Ok(NOTSUP);
    }
    let now = guest.data().shared.clock().now();
    write(&mut guest, time, &now.to_le_bytes()).map(|()| SUCCESS)
}

/// Always the same bytes, so that what a hash map costs is always the same.
fn random_get(mut guest: Guest<'_>, buffer: u32, size: u32) -> Result<u32, Error> {
    let bytes: Vec<_> = (0..size).map(|n| (n as u8).wrapping_mul(181).wrapping_add(101)).collect();
    write(&mut guest, buffer, &bytes).map(|()| SUCCESS)
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
