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
use super::pool::Pool;
use super::quota::QuotaUsage;
use super::state::{CounterState, Entry, PoolEntry, Usage};
use super::window::{RUN_LEN, Window};
use crate::document::{Period, UtcOffset};
use crate::timestamp::Timestamp;

const VERSION: u8 = 1;

const WINDOW: u8 = 1;
const BUCKET: u8 = 2;
const QUOTA: u8 = 3;
const LEASES: u8 = 4;
const POOL: u8 = 5;

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
        let (period, offset) = of.map_or((OF_RATE, 0), |(period, offset)| (number(period), offset.0));
        let numbers = pool.to_numbers().map(u64::to_le_bytes);
        put(cell, POOL, *scope, &[&[period], &offset.to_le_bytes(), numbers.as_flattened()]);
    }
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Quota;
    use crate::limit::limits::Limits;

    fn encoded(state: &CounterState) -> Vec<u8> {
        let mut cell = b"earlier contents".to_vec();
        encode(state, &mut cell);
        cell
    }

    /// The state after requests at these times, in nanoseconds since the Unix epoch.
    fn state(limits: &Limits, times: impl IntoIterator<Item = u64>) -> CounterState {
        let mut state = CounterState::default();
        for nanos in times {
            let _ = state.admit(limits, None, Timestamp::from_nanos(nanos));
        }
        state
    }

    fn limits(rate: u64, burst: Option<u64>) -> Limits {
        let quota = Quota { max_requests: Some(7), period: Period::Day, utc_offset: UtcOffset(-90) };
        Limits::new(Some(rate), burst, &[quota], &[])
    }

    #[test]
    fn the_layout_is_as_documented() {
        let cell = encoded(&state(&limits(1000, None), [0x0102, 0x0103]));
        let window =
            [&[1, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0][..], &[3, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]].concat();
        let quota = [&[3, 0, 0, 0, 0, 0, 0, 0, 0, 27, 0, 1][..], &(-90i16).to_le_bytes()].concat();
        let times = [0, 5_400_000_000_000u64, 2].map(u64::to_le_bytes);
        assert_eq!(cell, [&[1][..], &window, &quota, times.as_flattened()].concat());
    }

    #[test]
    fn leases_follow_their_window_and_what_no_worker_writes_is_refused() {
        let lease = |id: u32, opened: u64, count: u32| {
            Lease { id, opened: Timestamp::from_nanos(opened), count }.write().to_vec()
        };
        let cell = |leases: &[Vec<u8>]| {
            let mut cell = encoded(&state(&limits(1000, None), [0x0102]));
            let rest = cell.split_off(1 + 11 + RUN_LEN);
            put(&mut cell, LEASES, 0, &[&leases.concat()]);
            [cell, rest].concat()
        };
        let whole = cell(&[lease(7, 0x0203, 2), lease(8, 0x0203, 5)]);
        let bytes = [7, 0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0];
        assert_eq!(whole[24..][..31], [&[4, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0][..], &bytes].concat());
        let read = decode(&whole).expect("as it is written");
        assert_eq!(encoded(&read), whole);
        let many = |count: u32| (0..count).map(|id| lease(id, 9, 2)).collect::<Vec<_>>();
        assert!(decode(&cell(&many(64))).is_some());
        for leases in [vec![], many(65), vec![lease(1, 1, 1)], vec![lease(1, 1, 2), lease(1, 2, 2)]] {
            assert_eq!(decode(&cell(&leases)), None, "{} leases", leases.len());
        }
        assert_eq!(decode(&cell(&[lease(1, 2, 2), lease(2, 1, 2)])), None, "out of order");
        assert_eq!(decode(&cell(&[vec![0; 15]])), None);
        let mut twice = whole.clone();
        put(&mut twice, LEASES, 0, &[&lease(9, 9, 2)]);
        assert_eq!(decode(&twice), None, "leases after a quota");
    }

    #[test]
    fn every_period_has_the_number_that_it_was_first_stored_with() {
        let numbers = Period::ALL.map(|period| {
            let quota = Quota { max_requests: Some(7), period, utc_offset: UtcOffset(0) };
            // The number is the first byte after the head of the only entry.
            encoded(&state(&Limits::new(None, None, &[quota], &[]), [0]))[12]
        });
        assert_eq!(numbers, [6, 0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn bytes_of_a_different_layout_are_refused() {
        let whole = encoded(&state(&limits(1, Some(5)), [1, 2]));
        assert!(decode(&whole).is_some());
        for cut in 2..whole.len() {
            let ends_after_an_entry = cut == 1 + 11 + 12;
            assert_eq!(decode(&whole[..cut]).is_some(), ends_after_an_entry, "{cut}");
        }
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"\x02"), None);
        assert_eq!(decode(&[&whole[..], &[9]].concat()), None);
        assert_eq!(decode(b"\x01"), Some(CounterState::default()));
        for (kind, value) in
            [(0, &[][..]), (4, &[]), (1, &[0; 13]), (1, &[0; 12]), (2, &[0; 11]), (3, &[9; 27])]
        {
            let mut cell = vec![1];
            put(&mut cell, kind, 0, &[value]);
            assert_eq!(decode(&cell), None, "{kind}");
        }
    }

    #[test]
    fn the_longest_window_that_can_be_read_can_be_written_with_one_more_admission() {
        let limits = limits(u64::MAX, None);
        let run = |i: u64| [&(1 + i).to_le_bytes()[..], &1u32.to_le_bytes()].concat();
        let runs: Vec<u8> = (0..5461).flat_map(run).collect();
        let length = u16::try_from(runs.len()).expect("a length of an entry").to_le_bytes();
        let mut longest =
            decode(&[&[VERSION, WINDOW], &[0; 8][..], &length, &runs].concat()).expect("it can be read");
        longest.debit(&limits, None, Timestamp::from_nanos(6000), None);
        let read = decode(&encoded(&longest)).expect("what was written can be read");
        assert!(read == longest, "it is the same");
    }

    proptest! {
        #[test]
        fn an_encoded_state_is_decoded_unchanged(
            rate in 1u64..1000,
            burst in prop::option::of(1u64..1000),
            gaps in prop::collection::vec(0u64..9_000_000, 0..600),
        ) {
            let times = gaps.into_iter().scan(0, |now, gap| { *now += gap; Some(*now) });
            let state = state(&limits(rate, burst), times);
            prop_assert_eq!(decode(&encoded(&state)), Some(state));
        }

        #[test]
        fn decoding_any_bytes_does_not_panic(cell in prop::collection::vec(any::<u8>(), 0..100)) {
            let cell = [&[VERSION], cell.as_slice()].concat();
            if let Some(mut state) = decode(&cell) {
                let _ = state.admit(&limits(1, None), None, Timestamp::from_nanos(1));
            }
        }
    }
}
