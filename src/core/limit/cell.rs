//! The encoding of a counter's state in the store. All numbers are little-endian.
//!
//! ```text
//! cell   = %x01 *entry                         ; the version of this layout, then the entries
//! entry  = kind scope length value             ; u8, u64, u16 (the length of the value in bytes)
//! window = *( last count )                     ; kind 1: runs; u64 nanoseconds since the Unix epoch, u32
//! bucket = 12OCTET                             ; kind 2: see bucket.rs
//! quota  = period offset start end used        ; kind 3: u8, i16 minutes, u64, u64, u64
//! leases = 1*64( id opened count )             ; kind 4, after its window: u32, u64 nanoseconds, u32
//! pool   = period offset 8number               ; kind 5: as of a quota, or 255 and 0 of a rate; see pool.rs
//! ```

use super::bucket::{self, Bucket};
use super::calendar::Span;
use super::lease::{LEASE_LEN, Lease};
use super::pool::{Pool, PoolEntry};
use super::quota::QuotaUsage;
use super::state::{CounterState, Entry, Usage};
use super::window::{RUN_LEN, Window};
use crate::document::{Period, UtcOffset};
use crate::timestamp::Timestamp;

const VERSION: u8 = 1;

const WINDOW: u8 = 1;
const BUCKET: u8 = 2;
const QUOTA: u8 = 3;
const LEASES: u8 = 4;
const POOL: u8 = 5;

/// The length of a pool: its period and offset, then its numbers.
const POOL_LEN: usize = POOL_HEAD + 8 * Pool::NUMBERS;
const POOL_HEAD: usize = 3;

/// What stands for the second of a rate in place of a period.
const OF_RATE: u8 = u8::MAX;

/// The periods, each at the number that stands for it. A cell outlives the module that wrote it, so a number
/// never changes its meaning, and a new period goes to the end.
const PERIODS: [Period; 7] =
    [Period::Hour, Period::Day, Period::Week, Period::Month, Period::Year, Period::Total, Period::Minute];

/// Writes the state into `cell`, replacing its contents.
pub(super) fn encode(state: &CounterState, cell: &mut Vec<u8>) {
    cell.clear();
    cell.push(VERSION);
    for Entry { scope, usage } in &state.entries {
        match usage {
            Usage::Window(window) => {
                put(cell, WINDOW, *scope, &[window.as_bytes()]);
                if !window.leases().is_empty() {
                    let leases: Vec<_> = window.leases().iter().map(|lease| lease.write()).collect();
                    put(cell, LEASES, *scope, &[leases.as_flattened()]);
                }
            }
            Usage::Bucket(bucket) => put(cell, BUCKET, *scope, &[&bucket.to_bytes()]),
            Usage::Quota(period, offset, usage) => {
                let period = number(*period);
                let QuotaUsage { span, used } = usage;
                let times = [span.start.as_nanos(), span.end.as_nanos(), *used].map(u64::to_le_bytes);
                put(cell, QUOTA, *scope, &[&[period], &offset.0.to_le_bytes(), times.as_flattened()]);
            }
        }
    }
    for PoolEntry { scope, of, pool } in &state.pools {
        put(cell, POOL, *scope, &[&pool_bytes(*of, *pool)]);
    }
}

/// A pool, in one piece: each piece that is put into a cell costs every request.
fn pool_bytes(of: Option<(Period, UtcOffset)>, pool: Pool) -> [u8; POOL_LEN] {
    let (period, offset) = of.map_or((OF_RATE, 0), |(period, offset)| (number(period), offset.0));
    let [low, high] = offset.to_le_bytes();
    let mut bytes = [0; POOL_LEN];
    let (head, numbers) = bytes.split_at_mut(POOL_HEAD);
    head.copy_from_slice(&[period, low, high]);
    numbers.copy_from_slice(pool.to_numbers().map(u64::to_le_bytes).as_flattened());
    bytes
}

/// The number that stands for a period.
fn number(period: Period) -> u8 {
    let number = PERIODS.iter().position(|other| *other == period);
    number.and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX)
}

fn put(cell: &mut Vec<u8>, kind: u8, scope: u64, value: &[&[u8]]) {
    let length = value.iter().map(|bytes| bytes.len()).fold(0, usize::saturating_add);
    // The longest value is a window, which makes no run that has no room here.
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    cell.push(kind);
    cell.extend_from_slice(&scope.to_le_bytes());
    cell.extend_from_slice(&length.to_le_bytes());
    for bytes in value {
        cell.extend_from_slice(bytes);
    }
}

/// Decodes the bytes that [`encode`] made; `None` when the bytes have a different layout.
pub(super) fn decode(cell: &[u8]) -> Option<CounterState> {
    let (&VERSION, mut rest) = cell.split_first()? else { return None };
    let (mut entries, mut pools) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let (&kind, after) = rest.split_first()?;
        let (scope, after) = after.split_first_chunk::<8>()?;
        let (length, after) = after.split_first_chunk::<2>()?;
        let (value, after) = after.split_at_checked(u16::from_le_bytes(*length).into())?;
        let scope = u64::from_le_bytes(*scope);
        if kind == POOL {
            pools.push(pool(scope, value)?);
        } else if kind == LEASES {
            let window = entries.pop().filter(|entry: &Entry| entry.scope == scope);
            let Some(Entry { usage: Usage::Window(window), .. }) = window else { return None };
            let usage = Usage::Window(window.with_leases(leases(value)?)?);
            entries.push(Entry { scope, usage });
        } else {
            entries.push(Entry { scope, usage: usage(kind, value)? });
        }
        rest = after;
    }
    Some(CounterState { entries, pools })
}

/// The leases of a window, of which there is one at least.
fn leases(value: &[u8]) -> Option<Vec<Lease>> {
    match value.as_chunks::<LEASE_LEN>() {
        ([], _) => None,
        (leases, []) => Some(leases.iter().map(Lease::read).collect()),
        _ => None,
    }
}

/// The pool of a limit in that scope.
#[cold]
fn pool(scope: u64, value: &[u8]) -> Option<PoolEntry> {
    let (&period, value) = value.split_first()?;
    let (offset, value) = value.split_first_chunk::<2>()?;
    let (numbers, []) = value.as_chunks::<8>() else { return None };
    let numbers = <[[u8; 8]; Pool::NUMBERS]>::try_from(numbers).ok()?.map(u64::from_le_bytes);
    let of = match (period, i16::from_le_bytes(*offset)) {
        (OF_RATE, 0) => None,
        (period, offset) => Some((*PERIODS.get(usize::from(period))?, UtcOffset(offset))),
    };
    Some(PoolEntry { scope, of, pool: Pool::from_numbers(numbers) })
}

fn usage(kind: u8, value: &[u8]) -> Option<Usage> {
    match kind {
        WINDOW => match value.as_chunks::<RUN_LEN>() {
            (runs, []) => Window::from_runs(runs).map(Usage::Window),
            _ => None,
        },
        BUCKET => {
            let bytes = <[u8; bucket::LEN]>::try_from(value).ok()?;
            Some(Usage::Bucket(Bucket::from_bytes(bytes)))
        }
        QUOTA => {
            let (&period, value) = value.split_first()?;
            let (offset, value) = value.split_first_chunk::<2>()?;
            let (&[start, end, used], []) = value.as_chunks::<8>() else { return None };
            let [start, end, used] = [start, end, used].map(u64::from_le_bytes);
            let span = Span { start: Timestamp::from_nanos(start), end: Timestamp::from_nanos(end) };
            let period = *PERIODS.get(usize::from(period))?;
            let offset = UtcOffset(i16::from_le_bytes(*offset));
            Some(Usage::Quota(period, offset, QuotaUsage { span, used }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
