//! What crosses the border between a proxy and its filter: statuses, log levels and the layout of a header
//! map.

/// Why a hostcall did not do what it was asked to do.
///
/// Each value is also one of the SDK's own `Status`. The native binding depends on that: the SDK reads the
/// number as its enum, and any other number would be undefined behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing has that name.
    NotFound = 1,
    /// The proxy does not accept an argument, or does not accept the call at this time.
    BadArgument = 2,
    /// Nothing is in the queue.
    Empty = 7,
    /// Another worker wrote the value in between.
    CasMismatch = 8,
    /// The proxy failed.
    InternalFailure = 10,
}

/// The result of a hostcall.
pub type Answer<T = ()> = Result<T, Status>;

/// The number that a hostcall returns.
pub(crate) fn code(answer: Answer) -> u32 {
    answer.map_or_else(|status| status as u32, |()| 0)
}

/// The severity of a log line.
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
    /// 5: in the SDK only the panic hook logs at this level.
    Critical,
}

impl Level {
    pub(crate) fn new(number: u32) -> Answer<Self> {
        let levels = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];
        levels.get(number as usize).copied().ok_or(Status::BadArgument)
    }
}

/// A header map as bytes: the number of pairs, then the two lengths of each pair, then each name and value
/// with a zero byte after it. An empty map has no bytes at all, as in Envoy.
pub(crate) fn encode_pairs<'a>(
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

/// The pairs that [`encode_pairs`] has written; `None` when the bytes are cut short.
pub(crate) fn decode_pairs(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
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
