//! The functions that a module imports from `env`, for the wasm binding: they turn addresses into calls of
//! [`Proxy`], and its answers into addresses.

use wasmi::errors::LinkerError;
use wasmi::{Error, ExternType, Linker, Module, Val};

use super::events;
use super::guest::{Guest, give, given, put, read};
use crate::abi::code;
use crate::hostcalls::{NOT_EMULATED, Proxy};

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
