//! Calls of gRPC, and the script that answers them in place of a server.

/// A call that a filter has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcCall {
    /// The cluster that it goes to.
    pub cluster: String,
    /// The name of the service, with its package.
    pub service: String,
    /// The name of the method.
    pub method: String,
    /// The message, as bytes.
    pub message: Vec<u8>,
    /// How long the filter waits, in milliseconds.
    pub timeout: u32,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcAnswer {
    /// A message, as bytes.
    Message(Vec<u8>),
    /// No message, and this status.
    Status(u32),
    /// Nothing. The call ends with [`DEADLINE_EXCEEDED`] when the clock says so.
    Mute,
    /// Nothing, and the call never ends: the filter may not be called when it does.
    Lost,
    /// The call is not made, and the hostcall fails: there is no such cluster.
    NotMade,
}

/// The status of a call that was not answered in time.
pub const DEADLINE_EXCEEDED: u32 = 4;

/// What answers calls.
pub(crate) type Script = Box<dyn FnMut(&GrpcCall) -> GrpcAnswer + Send>;

/// What Envoy takes the upstream of a call for. It tries to read a `GrpcService`, and takes what is none for
/// the name of a cluster.
pub(crate) fn cluster(upstream: &[u8]) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some(service) = fields(upstream) else { return Ok(text(upstream)) };
    let envoy_grpc = service.iter().find(|(number, _)| *number == 1).and_then(|(_, bytes)| fields(bytes));
    let Some(envoy_grpc) = envoy_grpc else {
        return Err(format!(
            "{:?} is a GrpcService without a target: Envoy ends with `panic: unset oneof`",
            text(upstream)
        ));
    };
    let name = envoy_grpc.iter().find(|(number, _)| *number == 1);
    name.map(|(_, name)| text(name)).ok_or_else(|| "the GrpcService names no cluster".to_owned())
}

/// The fields of a message that are bytes, by their numbers; `None` when it is no message.
fn fields(mut rest: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let (number, length) = (
            tag >> 3,
            match tag & 7 {
                0 => varint(&mut rest).map(|_| 0)?,
                1 => 8,
                2 => usize::try_from(varint(&mut rest)?).ok()?,
                5 => 4,
                _ => return None,
            },
        );
        let (bytes, more) = rest.split_at_checked(length)?;
        rest = more;
        if number == 0 {
            return None;
        }
        if tag & 7 == 2 {
            found.push((number, bytes));
        }
    }
    Some(found)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_message_ends_envoy_and_the_message_of_it_does_not() {
        for name in ["envoy", "empty", "p1", "api-limit", ""] {
            assert!(cluster(name.as_bytes()).is_err(), "{name}");
            let service = [&[0x0a, name.len() as u8 + 2, 0x0a, name.len() as u8], name.as_bytes()].concat();
            assert_eq!(cluster(&service), Ok(name.to_owned()));
        }
        for name in ["rls", "ratelimit", "limitador"] {
            assert_eq!(cluster(name.as_bytes()), Ok(name.to_owned()));
        }
    }
}
