//! The functions after which something happens later: queues, ticks, calls of gRPC, other contexts.

use wasmi::errors::LinkerError;
use wasmi::{Error, Linker};

use super::guest::{Guest, given, put, read};
use crate::abi::code;
use crate::hostcalls::Proxy;

pub(super) fn link(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    link_contexts(linker)?;
    link_queues(linker)?;
    linker.func_wrap(
        "env",
        "proxy_grpc_call",
        |mut guest: Guest<'_>,
         upstream: u32,
         upstream_size: u32,
         service: u32,
         service_size: u32,
         method: u32,
         method_size: u32,
         _: u32,
         _: u32,
         message: u32,
         message_size: u32,
         timeout: u32,
         id: u32| {
            let upstream = read(&guest, upstream, upstream_size)?;
            let (service, method) =
                (read(&guest, service, service_size)?, read(&guest, method, method_size)?);
            let message = read(&guest, message, message_size)?;
            let answer = guest.data_mut().grpc_call(&upstream, &service, &method, &message, timeout);
            put(&mut guest, answer.map(u32::to_le_bytes), id)
        },
    )?;
    Ok(())
}

fn link_contexts(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap("env", "proxy_continue_stream", |mut guest: Guest<'_>, kind: u32| {
        code(guest.data_mut().continue_stream(kind))
    })?;
    linker.func_wrap("env", "proxy_set_effective_context", |mut guest: Guest<'_>, id: u32| {
        code(guest.data_mut().set_effective_context(id))
    })?;
    linker.func_wrap("env", "proxy_set_tick_period_milliseconds", |mut guest: Guest<'_>, period: u32| {
        code(guest.data_mut().set_tick_period(period))
    })?;
    Ok(())
}

fn link_queues(linker: &mut Linker<Proxy>) -> Result<(), LinkerError> {
    linker.func_wrap(
        "env",
        "proxy_register_shared_queue",
        |mut guest: Guest<'_>, name: u32, size: u32, id: u32| {
            let name = read(&guest, name, size)?;
            let answer = guest.data_mut().register_queue(&name);
            put(&mut guest, answer.map(u32::to_le_bytes), id)
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_enqueue_shared_queue",
        |mut guest: Guest<'_>, queue: u32, item: u32, size: u32| {
            let item = read(&guest, item, size)?;
            Ok::<_, Error>(code(guest.data_mut().enqueue(queue, &item)))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_dequeue_shared_queue",
        |mut guest: Guest<'_>, queue: u32, data: u32, size: u32| {
            let answer = guest.data_mut().dequeue(queue);
            given(&mut guest, answer, data, size)
        },
    )?;
    Ok(())
}
