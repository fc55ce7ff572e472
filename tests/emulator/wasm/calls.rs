//! The functions that a module imports from `env`, for the wasm binding: they turn addresses into calls of
//! [`Proxy`], and its answers into addresses.

mod events;

use wasmi::errors::LinkerError;
use wasmi::{AsContextMut, Caller, Error, Extern, ExternType, Linker, Memory, Module, Val};

use crate::abi::{Answer, code};
use crate::hostcalls::{NOT_EMULATED, Proxy};

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
fn give(guest: &mut Guest<'_>, bytes: &[u8], data: u32, size: u32) -> Result<(), Error> {
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
fn given(guest: &mut Guest<'_>, answer: Answer<Vec<u8>>, data: u32, size: u32) -> Result<u32, Error> {
    match answer {
        Ok(bytes) => give(guest, &bytes, data, size).map(|()| 0),
        Err(status) => Ok(status as u32),
    }
}

/// Ends a hostcall whose result is a number.
fn put<const N: usize>(guest: &mut Guest<'_>, answer: Answer<[u8; N]>, address: u32) -> Result<u32, Error> {
    match answer {
        Ok(bytes) => write(guest, address, &bytes).map(|()| 0),
        Err(status) => Ok(status as u32),
    }
}

/// Defines the hostcalls. Those of [`NOT_EMULATED`] are defined only if the module imports them. Any other
/// import is one for which Envoy would not load the module, so nothing defines it.
pub(crate) fn link(linker: &mut Linker<Proxy>, module: &Module) -> Result<(), LinkerError> {
    link_basics(linker)?;
    link_headers(linker)?;
    link_stores(linker)?;
    events::link(linker)?;
    for import in module.imports().filter(|import| import.module() == "env") {
        let (name, ExternType::Func(ty)) = (import.name().to_owned(), import.ty()) else { continue };
        if NOT_EMULATED.contains(&name.as_str()) {
            linker.func_new("env", &name.clone(), ty.clone(), move |mut guest, _, results| {
                results[0] = Val::I32(code(guest.data_mut().not_emulated(&name)).cast_signed());
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn link_basics(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap("env", "proxy_log", |mut guest: Guest<'_>, level: u32, message: u32, size: u32| {
        let message = read(&guest, message, size)?;
        Ok::<_, Error>(code(guest.data_mut().log(level, &message)))
    })?;
    linker.func_wrap("env", "proxy_get_current_time_nanoseconds", |mut guest: Guest<'_>, time: u32| {
        let answer = guest.data_mut().now().map(u64::to_le_bytes);
        put(&mut guest, answer, time)
    })?;
    linker.func_wrap(
        "env",
        "proxy_get_buffer_bytes",
        |mut guest: Guest<'_>, kind: u32, start: u32, max: u32, data: u32, size: u32| {
            let answer = guest.data_mut().buffer(kind, start as usize, max as usize);
            given(&mut guest, answer, data, size)
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_send_local_response",
        |mut guest: Guest<'_>,
         status: u32,
         _: u32,
         _: u32,
         body: u32,
         len: u32,
         headers: u32,
         size: u32,
         grpc: i32| {
            let (body, headers) = (read(&guest, body, len)?, read(&guest, headers, size)?);
            Ok::<_, Error>(code(guest.data_mut().send_local_response(status, &body, &headers, grpc)))
        },
    )?;
    Ok(())
}

fn link_headers(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap(
        "env",
        "proxy_get_header_map_pairs",
        |mut guest: Guest<'_>, map: u32, data: u32, size: u32| {
            let answer = guest.data_mut().header_pairs(map);
            given(&mut guest, answer, data, size)
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_add_header_map_value",
        |mut guest: Guest<'_>, map: u32, name: u32, len: u32, value: u32, size: u32| {
            let (name, value) = (read(&guest, name, len)?, read(&guest, value, size)?);
            Ok::<_, Error>(code(guest.data_mut().add_header(map, &name, &value)))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_replace_header_map_value",
        |mut guest: Guest<'_>, map: u32, name: u32, len: u32, value: u32, size: u32| {
            let (name, value) = (read(&guest, name, len)?, read(&guest, value, size)?);
            Ok::<_, Error>(code(guest.data_mut().replace_header(map, &name, &value)))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_remove_header_map_value",
        |mut guest: Guest<'_>, map: u32, name: u32, len: u32| {
            let name = read(&guest, name, len)?;
            Ok::<_, Error>(code(guest.data_mut().remove_header(map, &name)))
        },
    )?;
    Ok(())
}

fn link_stores(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap(
        "env",
        "proxy_set_property",
        |mut guest: Guest<'_>, path: u32, len: u32, value: u32, size: u32| {
            let (path, value) = (read(&guest, path, len)?, read(&guest, value, size)?);
            Ok::<_, Error>(code(guest.data_mut().set_property(&path, &value)))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_shared_data",
        |mut guest: Guest<'_>, key: u32, len: u32, data: u32, size: u32, cas: u32| {
            let key = read(&guest, key, len)?;
            match guest.data_mut().shared_data(&key) {
                Ok((bytes, current)) => {
                    give(&mut guest, &bytes, data, size)?;
                    put(&mut guest, Ok(current.to_le_bytes()), cas)
                }
                Err(status) => Ok(status as u32),
            }
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_shared_data",
        |mut guest: Guest<'_>, key: u32, len: u32, value: u32, size: u32, cas: u32| {
            let (key, value) = (read(&guest, key, len)?, read(&guest, value, size)?);
            Ok::<_, Error>(code(guest.data_mut().set_shared_data(&key, &value, cas)))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_define_metric",
        |mut guest: Guest<'_>, kind: u32, name: u32, len: u32, id: u32| {
            let name = read(&guest, name, len)?;
            let answer = guest.data_mut().define_metric(kind, &name).map(u32::to_le_bytes);
            put(&mut guest, answer, id)
        },
    )?;
    linker.func_wrap("env", "proxy_increment_metric", |mut guest: Guest<'_>, id: u32, offset: i64| {
        code(guest.data_mut().increment_metric(id, offset))
    })?;
    linker.func_wrap("env", "proxy_record_metric", |mut guest: Guest<'_>, id: u32, value: u64| {
        code(guest.data_mut().record_metric(id, value))
    })?;
    Ok(())
}
