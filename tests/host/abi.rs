//! What crosses the border between a proxy and its filter: statuses, log levels and the layout of a header map.

/// Why a hostcall did not do what it was asked.
///
/// Only the values that the SDK's own `Status` has: natively it reads the number as that enum, and any other one would
/// be undefined behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing is known by that name.
    NotFound = 1,
    /// An argument, or the moment of the call, is not one the host accepts.
    BadArgument = 2,
    /// The value cannot be serialized.
    SerializationFailure = 3,
    /// The bytes cannot be parsed.
    ParseFailure = 4,
    /// The queue is empty.
    Empty = 7,
    /// Somebody else wrote the value in between.
    CasMismatch = 8,
    /// The host failed.
    InternalFailure = 10,
}

/// What a hostcall answers.
pub type Answer<T = ()> = Result<T, Status>;

/// The number a hostcall returns.
pub(super) fn code(answer: Answer) -> u32 {
    answer.map_or_else(|status| status as u32, |()| 0)
}

/// How grave a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 0
    Trace,
    /// 1
    Debug,
    /// 2
    Info,
    /// 3
    Warn,
    /// 4
    Error,
    /// 5: in the SDK only its panic hook says this.
    Critical,
}

impl Level {
    pub(super) fn new(number: u32) -> Answer<Self> {
        let levels = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];
        levels.get(number as usize).copied().ok_or(Status::BadArgument)
    }
}

/// A header map on the wire: the count, then the two lengths of each pair, then each name and value with a zero after it.
/// Nothing at all for an empty map, as Envoy.
pub(super) fn encode_pairs<'a>(
    pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
) -> Vec<u8> {
    if pairs.len() == 0 {
        return Vec::new();
    }
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs.clone() {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        for part in [name, value] {
            bytes.extend(part);
            bytes.push(0);
        }
    }
    bytes
}

/// The pairs of [`encode_pairs`]; `None` when the bytes are cut short.
pub(super) fn decode_pairs(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let (count, rest) = take_u32(bytes)?;
    let (mut lengths, mut rest) = rest.split_at_checked(count.checked_mul(8)?)?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        let mut pair = [&[][..]; 2];
        for part in &mut pair {
            let (length, more) = take_u32(lengths)?;
            (*part, rest) = rest.split_at_checked(length)?;
            rest = rest.strip_prefix(b"\0")?;
            lengths = more;
        }
        pairs.push((pair[0], pair[1]));
    }
    Some(pairs)
}

fn take_u32(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}
