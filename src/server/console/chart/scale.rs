//! The top of an axis, and numbers as short as an axis has them.

/// The number at the top of an axis on which `most` has its place: its half is a round number too.
pub(in crate::console) fn fitting(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for round in [2, 4, 6, 10] {
            let top = unit.saturating_mul(round);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// A number in as few characters as say it: `84 k`, `1.5 M`.
pub(in crate::console) fn short(number: u64) -> String {
    let (unit, name) = match number {
        ..10_000 => return number.to_string(),
        10_000..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        1_000_000_000.. => (1_000_000_000, "G"),
    };
    let (whole, tenth) = (number / unit, number % unit * 10 / unit);
    match tenth {
        0 => format!("{whole} {name}"),
        tenth => format!("{whole}.{tenth} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_an_axis_is_round_and_not_below() {
        for (most, top) in [
            (0, 2),
            (2, 2),
            (3, 4),
            (5, 6),
            (7, 10),
            (11, 20),
            (61, 100),
            (84_000, 100_000),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(fitting(most), top, "{most}");
        }
    }

    #[test]
    fn a_number_is_short() {
        let numbers = [0, 9_999, 10_000, 12_500, 1_000_000, 1_500_000, 20_000_000_000];
        assert_eq!(numbers.map(short), ["0", "9999", "10 k", "12.5 k", "1 M", "1.5 M", "20 G"]);
    }
}
