//! The layout of cells, and what is read of other bytes.

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
    let window = [&[1, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0][..], &[3, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]].concat();
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
fn pools_come_last_and_a_cell_without_them_is_as_it_was() {
    let mut state = state(&limits(1000, None), [0x0102]);
    let before = encoded(&state);
    let pool = |scope, of, tokens| {
        let mut numbers = [7; Pool::NUMBERS];
        numbers[2] = tokens;
        PoolEntry { scope, of, pool: Pool::from_numbers(numbers) }
    };
    state.pools = vec![pool(0, None, 3), pool(9, Some((Period::Week, UtcOffset(60))), u64::MAX)];
    let cell = encoded(&state);
    assert_eq!(cell[..before.len()], before);
    let head = [5, 0, 0, 0, 0, 0, 0, 0, 0, 67, 0, 255, 0, 0, 7];
    assert_eq!(cell[before.len()..][..15], head);
    assert_eq!(decode(&cell), Some(state));
    for cut in [1, 11, 66] {
        assert_eq!(decode(&cell[..cell.len() - cut]), None, "{cut}");
    }
    let mut wrong = cell.clone();
    wrong[before.len() + 11] = 7;
    assert_eq!(decode(&wrong), None, "no period");
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
    for (kind, value) in [(0, &[][..]), (4, &[]), (1, &[0; 13]), (1, &[0; 12]), (2, &[0; 11]), (3, &[9; 27])]
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
