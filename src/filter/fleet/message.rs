//! The messages of Envoy's Rate Limit Service, as far as the filter writes and reads them.
//!
//! They are written by hand: `prost` would make the module larger by more than the rest of the fleet's code.
//!
//! It is public so that any bytes can be given to it, which no engine should send.

/// `envoy.service.ratelimit.v3.RateLimitService`
pub const SERVICE: &str = "envoy.service.ratelimit.v3.RateLimitService";
/// Its only method.
pub const METHOD: &str = "ShouldRateLimit";

/// A message of fewer bytes has a length of one byte, which is a character.
const ONE_BYTE: usize = 0x80;

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const BYTES: u64 = 2;
const FIXED_32: u64 = 5;

/// `RateLimitResponse.Code`
const OK: u32 = 1;
const OVER_LIMIT: u32 = 2;

/// A `GrpcService` that names a cluster of Envoy; `None` when the name has more than 125 bytes.
///
/// Envoy's `proxy_grpc_call` reads what it is given as this message, and takes it for the name of a cluster
/// only when it is none. Names such as `envoy` and `p1` are messages, without a cluster in them, and end the
/// process. So the name alone is never given. The SDK wants text, which a length of two bytes is not.
#[must_use]
pub fn grpc_service(cluster: &str) -> Option<String> {
    let envoy_grpc = text_field(1, cluster)?;
    text_field(1, &envoy_grpc)
}

fn text_field(number: u8, text: &str) -> Option<String> {
    let length = u8::try_from(text.len()).ok().filter(|length| usize::from(*length) < ONE_BYTE)?;
    let tag = number.checked_shl(3)? | u8::try_from(BYTES).ok()?;
    Some([char::from(tag), char::from(length)].into_iter().chain(text.chars()).collect())
}

/// What a `RateLimitRequest` asks.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor<'a> {
    /// The name of the counter.
    pub entries: &'a [(&'a str, &'a str)],
    /// The limit.
    pub limit: u32,
    /// The limit's unit, an `envoy.type.v3.RateLimitUnit`.
    pub unit: u32,
    /// How much is asked for; 0 only looks.
    pub hits: u32,
}

/// Writes a `RateLimitRequest` with one descriptor.
#[must_use]
pub fn request(domain: &str, asked: Descriptor<'_>) -> Vec<u8> {
    let mut descriptor = Vec::new();
    for (key, value) in asked.entries {
        let mut entry = Vec::new();
        bytes_field(&mut entry, 1, key.as_bytes());
        bytes_field(&mut entry, 2, value.as_bytes());
        bytes_field(&mut descriptor, 1, &entry);
    }
    let mut limit = Vec::new();
    varint_field(&mut limit, 1, asked.limit.into());
    varint_field(&mut limit, 2, asked.unit.into());
    bytes_field(&mut descriptor, 2, &limit);
    if asked.hits == 0 {
        // The request's own 0 would count one; the descriptor's does not.
        bytes_field(&mut descriptor, 3, &[]);
    }
    let mut request = Vec::new();
    bytes_field(&mut request, 1, domain.as_bytes());
    bytes_field(&mut request, 2, &descriptor);
    varint_field(&mut request, 3, asked.hits.into());
    request
}

fn bytes_field(to: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(to, number << 3 | BYTES);
    varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// Zero is not written, as everywhere in version 3 of the language.
fn varint_field(to: &mut Vec<u8>, number: u64, value: u64) {
    if value != 0 {
        varint(to, number << 3 | VARINT);
        varint(to, value);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is the lowest seven bits that are written")]
fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= ONE_BYTE as u64 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// A `RateLimitResponse` to a request with one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// All is granted that was asked for.
    Ok {
        /// What is left of the limit.
        remaining: u32,
    },
    /// Nothing is granted.
    OverLimit {
        /// What is left of the limit, from an engine that says so; 0 otherwise.
        remaining: u32,
    },
}

/// Reads a `RateLimitResponse`; `None` when it is none, or does not say what was decided by the limit that
/// was asked for. Engines answer OK without a limit where they do not know the domain.
#[must_use]
pub fn response(bytes: &[u8]) -> Option<Response> {
    let mut status = None;
    for field in fields(bytes) {
        match field? {
            (2, Value::Bytes(bytes)) if status.is_none() => status = Some(bytes),
            (2, _) => return None,
            _ => {}
        }
    }
    let (mut code, mut limited, mut remaining) = (0, false, 0);
    for field in fields(status?) {
        match field? {
            (1, Value::Varint(value)) => code = low(value),
            (2, Value::Bytes(_)) => limited = true,
            (3, Value::Varint(value)) => remaining = low(value),
            (1..=3, _) => return None,
            _ => {}
        }
    }
    match code {
        OK if limited => Some(Response::Ok { remaining }),
        OVER_LIMIT => Some(Response::OverLimit { remaining }),
        _ => None,
    }
}

/// Reads what a `RateLimitResponse` says of all its descriptors; `None` when it is none, or says nothing.
///
/// limitador answers nothing else: no statuses, and so nothing of what is left. It says OK, too, where none
/// of its own limits is of the domain and the descriptor.
#[must_use]
#[cold]
pub fn overall(bytes: &[u8]) -> Option<Response> {
    let mut code = 0;
    for field in fields(bytes) {
        match field? {
            (1, Value::Varint(value)) => code = low(value),
            (1, _) => return None,
            _ => {}
        }
    }
    match code {
        OK => Some(Response::Ok { remaining: 0 }),
        OVER_LIMIT => Some(Response::OverLimit { remaining: 0 }),
        _ => None,
    }
}

/// The 32 bits that the language reads of a longer number.
#[expect(clippy::cast_possible_truncation, reason = "that is what it does")]
fn low(value: u64) -> u32 {
    value as u32
}

/// The value of a field.
enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// A number of four or eight bytes, of which no field here is.
    Fixed,
}

/// The fields of a message, by their numbers; `None` is the last one where the bytes are no message.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = Option<(u64, Value<'_>)>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = take_field(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field)
    })
}

fn take_field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = take_varint(rest)?;
    let value = match tag & 7 {
        VARINT => Value::Varint(take_varint(rest)?),
        BYTES => {
            let length = usize::try_from(take_varint(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        FIXED_64 => take(rest, 8).map(|_| Value::Fixed)?,
        FIXED_32 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, more) = rest.split_at_checked(length)?;
    *rest = more;
    Some(taken)
}

fn take_varint(rest: &mut &[u8]) -> Option<u64> {
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
mod tests;
