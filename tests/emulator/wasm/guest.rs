//! The module that makes a hostcall: its memory, and what a hostcall takes from there and leaves there.

use wasmi::{AsContextMut, Caller, Error, Extern, Memory, Val};

use crate::abi::Answer;
use crate::hostcalls::Proxy;

/// The module that makes a hostcall, as the hostcall sees it. An address outside its memory is a trap.
pub(crate) type Guest<'a> = Caller<'a, Proxy>;

fn memory(guest: &Guest<'_>) -> Result<Memory, Error> {
    guest
        .get_export("memory")
        .and_then(Extern::into_memory)
        .ok_or_else(|| Error::new("the module exports no memory"))
}

/// The bytes at an address.
pub(crate) fn read(guest: &Guest<'_>, address: u32, size: u32) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; size as usize];
    let read = memory(guest)?.read(guest, address as usize, &mut bytes);
    read.map(|()| bytes).map_err(|error| Error::new(error.to_string()))
}

/// Puts bytes at an address.
pub(crate) fn write(guest: &mut Guest<'_>, address: u32, bytes: &[u8]) -> Result<(), Error> {
    let written = memory(guest)?.write(guest, address as usize, bytes);
    written.map_err(|error| Error::new(error.to_string()))
}

/// Hands a copy of the bytes over to the module, in memory that the module allocates; address 0 when there
/// are no bytes, as Envoy does.
pub(crate) fn give(guest: &mut Guest<'_>, bytes: &[u8], data: u32, size: u32) -> Result<(), Error> {
    let mut address = 0;
    if !bytes.is_empty() {
        let allocator =
            ["proxy_on_memory_allocate", "malloc"].into_iter().find_map(|name| guest.get_export(name));
        let allocator =
            allocator.and_then(Extern::into_func).ok_or_else(|| Error::new("no allocator is exported"))?;
        let mut result = [Val::I32(0)];
        allocator.call(guest.as_context_mut(), &[Val::I32(bytes.len() as i32)], &mut result)?;
        address = result[0]
            .i32()
            .map(i32::cast_unsigned)
            .ok_or_else(|| Error::new("the allocator returns no address"))?;
        write(guest, address, bytes)?;
    }
    write(guest, data, &address.to_le_bytes())?;
    write(guest, size, &(bytes.len() as u32).to_le_bytes())
}

/// Ends a hostcall whose result is bytes.
pub(crate) fn given(
    guest: &mut Guest<'_>,
    answer: Answer<Vec<u8>>,
    data: u32,
    size: u32,
) -> Result<u32, Error> {
    match answer {
        Ok(bytes) => give(guest, &bytes, data, size).map(|()| 0),
        Err(status) => Ok(status as u32),
    }
}

/// Ends a hostcall whose result is a number.
pub(crate) fn put<const N: usize>(
    guest: &mut Guest<'_>,
    answer: Answer<[u8; N]>,
    address: u32,
) -> Result<u32, Error> {
    match answer {
        Ok(bytes) => write(guest, address, &bytes).map(|()| 0),
        Err(status) => Ok(status as u32),
    }
}
