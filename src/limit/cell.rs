//! What a counter is in the store: a window in bytes.
//!
//! ```text
//! cell = %x01 *run          ; the version of this layout, then the runs, oldest first
//! run  = last count         ; u64 nanoseconds since the Unix epoch, u32; both little-endian
//! ```

use super::window::{RUN_LEN, Window};

const VERSION: u8 = 1;

/// Writes the window into `cell`, whatever was there.
pub(super) fn encode(window: &Window, cell: &mut Vec<u8>) {
    cell.clear();
    cell.push(VERSION);
    cell.extend_from_slice(window.as_bytes());
}

/// The window that [`encode`] made the bytes of; `None` when they are of anything else.
pub(super) fn decode(cell: &[u8]) -> Option<Window> {
    match cell.split_first()? {
        (&VERSION, runs) => match runs.as_chunks::<RUN_LEN>() {
            (runs, []) => Window::from_runs(runs),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    fn encoded(window: &Window) -> Vec<u8> {
        let mut cell = b"what was there".to_vec();
        encode(window, &mut cell);
        cell
    }

    #[test]
    fn the_layout_is_as_documented() {
        let mut window = Window::default();
        let _ = window.admit(1000, Timestamp::from_nanos(0x0102));
        let _ = window.admit(1000, Timestamp::from_nanos(0x0103));
        assert_eq!(encoded(&window), [1, 3, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    }

    #[test]
    fn bytes_of_anything_else_are_refused() {
        let run = |last: u64, count: u32| [&last.to_le_bytes()[..], &count.to_le_bytes()].concat();
        for cell in [
            vec![],
            vec![2],
            vec![1, 0],
            [&[1][..], &run(1, 0)].concat(),
            [&[1][..], &run(2, 1), &run(1, 1)].concat(),
            [&[2][..], &run(1, 1)].concat(),
        ] {
            assert_eq!(decode(&cell), None, "{cell:?}");
        }
        assert_eq!(decode(&[1]), Some(Window::default()));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(limit in 1u64..1000, gaps in prop::collection::vec(0u64..9_000_000, 0..600)) {
            let (mut window, mut now) = (Window::default(), 0);
            for gap in gaps {
                now += gap;
                let _ = window.admit(limit, Timestamp::from_nanos(now));
            }
            prop_assert_eq!(decode(&encoded(&window)), Some(window));
        }

        #[test]
        fn no_bytes_panic(cell in prop::collection::vec(any::<u8>(), 0..100)) {
            if let Some(mut window) = decode(&cell) {
                let _ = window.admit(1, Timestamp::from_nanos(1));
            }
        }
    }
}
