//! The t-test on all measurements, and on the fastest of them: an interrupt makes a measurement slow,
//! whatever was measured, so without the slowest ones a smaller difference shows.

use crate::welch::Welch;

/// How many times the measurements are cropped, as dudect does it.
const CROPS: u32 = 100;

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Whether it is of the second class.
    pub second: bool,
    /// The time that it took, in nanoseconds.
    pub nanos: u64,
}

/// The test that found the classes furthest apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finding {
    /// Welch's t, without its sign.
    pub t: f64,
    /// By how many nanoseconds the second class is slower.
    pub difference: f64,
}

/// Tests all samples, and those below each of a hundred percentiles.
pub fn furthest_apart(mut samples: Vec<Sample>) -> Finding {
    samples.sort_unstable_by_key(|sample| sample.nanos);
    let (mut test, mut furthest, mut tested) = (Welch::default(), Finding::default(), 0);
    for end in ends(&samples) {
        for sample in &samples[tested..end] {
            test.add(sample.second, sample.nanos as f64);
        }
        tested = end;
        if test.t().abs() > furthest.t {
            furthest = Finding { t: test.t().abs(), difference: test.difference() };
        }
    }
    furthest
}

/// How many of the sorted samples each test takes, in ascending order; the last one takes all. Samples of
/// the same time are not parted, because their order says nothing.
fn ends(samples: &[Sample]) -> Vec<usize> {
    let end = |crop: u32| {
        let share = 1.0 - 0.5f64.powf(10.0 * f64::from(crop) / f64::from(CROPS));
        let rank = (share * samples.len() as f64) as usize;
        let limit = samples.get(rank).map_or(u64::MAX, |sample| sample.nanos);
        samples.partition_point(|sample| sample.nanos < limit)
    };
    (1..=CROPS).map(end).chain([samples.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Times of some 1000 ns with a noise of 64 ns, of which one in sixteen is slow. Those of the second
    /// class take `more`.
    fn samples(count: usize, more: u64) -> Vec<Sample> {
        let mut random = Random::new(1);
        let sample = |_| {
            let second = random.number() & 1 == 1;
            let slow = if random.number().is_multiple_of(16) { random.number() % 100_000 } else { 0 };
            let nanos = 1000 + random.number() % 64 + slow + if second { more } else { 0 };
            Sample { second, nanos }
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn equal_classes_are_not_distinguished() {
        let found = furthest_apart(samples(100_000, 0));
        assert!(found.t < 4.5, "{found:?}");
    }

    #[test]
    fn two_nanoseconds_are_found_that_slow_measurements_hide() {
        let samples = samples(100_000, 2);
        let mut uncropped = Welch::default();
        samples.iter().for_each(|sample| uncropped.add(sample.second, sample.nanos as f64));
        let found = furthest_apart(samples);
        assert!(uncropped.t().abs() < 4.5, "{}", uncropped.t());
        assert!(found.t > 10.0 && (1.0..3.0).contains(&found.difference), "{found:?}");
    }

    #[test]
    fn samples_of_the_same_time_are_not_parted() {
        let sample = |second| Sample { second, nanos: 5 };
        let first = [sample(false); 50];
        let second = [sample(true); 50];
        assert_eq!(furthest_apart([first, second].concat()).t, 0.0);
        assert_eq!(furthest_apart(Vec::new()).t, 0.0);
    }
}
