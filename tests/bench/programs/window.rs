//! A limit that is exact in one process: the times of all that were admitted in the last second.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// At most `limit` admissions in any span of the length `period`.
#[derive(Debug)]
pub struct Window {
    limit: usize,
    period: Duration,
    admitted: VecDeque<Instant>,
}

impl Window {
    /// A window without admissions.
    pub fn new(limit: usize, period: Duration) -> Self {
        Self { limit, period, admitted: VecDeque::new() }
    }

    /// Whether a request at `now` is admitted.
    pub fn admits(&mut self, now: Instant) -> bool {
        while self.admitted.front().is_some_and(|first| now.duration_since(*first) >= self.period) {
            self.admitted.pop_front();
        }
        let admits = self.admitted.len() < self.limit;
        if admits {
            self.admitted.push_back(now);
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_than_the_limit() {
        let start = Instant::now();
        let mut window = Window::new(2, Duration::from_secs(1));
        let at = [0, 400, 999, 1000, 1001, 1399, 1400].map(|ms| start + Duration::from_millis(ms));
        assert_eq!(at.map(|now| window.admits(now)), [true, true, false, true, false, false, true]);
    }
}
