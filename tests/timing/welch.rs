//! Welch's t-test: whether two classes of measurements have the same mean, whatever their variances are.

/// The measurements of one class: how many, their mean, and the sum of the squares of their distances from
/// it. Welford's method keeps these without keeping the measurements.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

/// The measurements of two classes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Welch([Moments; 2]);

// === impl Moments ===

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }

    /// The variance of the mean.
    fn variance_of_mean(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

// === impl Welch ===

impl Welch {
    /// Adds a measurement of the second class, or of the first.
    pub fn add(&mut self, second: bool, value: f64) {
        self.0[usize::from(second)].add(value);
    }

    /// By how much the mean of the second class is greater.
    pub fn difference(&self) -> f64 {
        self.0[1].mean - self.0[0].mean
    }

    /// The difference in units of its own standard deviation. Of classes with the same mean it is seldom
    /// above 4.5, and grows with the square root of the number of measurements otherwise. Zero when a class
    /// has too few measurements to say.
    pub fn t(&self) -> f64 {
        let deviation = (self.0[0].variance_of_mean() + self.0[1].variance_of_mean()).sqrt();
        if deviation > 0.0 { self.difference() / deviation } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(classes: [&[f64]; 2]) -> Welch {
        let mut test = Welch::default();
        for (second, values) in [false, true].into_iter().zip(classes) {
            values.iter().for_each(|value| test.add(second, *value));
        }
        test
    }

    /// The means are 2 and 5, the variances 1 and 20/3, so t is 3 / √(1/3 + 20/3/4).
    #[test]
    fn t_is_the_difference_in_units_of_its_deviation() {
        let test = of([&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0, 8.0]]);
        assert!((test.difference() - 3.0).abs() < 1e-12, "{}", test.difference());
        assert!((test.t() - 3.0 / 2f64.sqrt()).abs() < 1e-12, "{}", test.t());
    }

    #[test]
    fn classes_without_a_variance_or_with_one_measurement_say_nothing() {
        assert_eq!(of([&[], &[]]).t(), 0.0);
        assert_eq!(of([&[1.0], &[2.0]]).t(), 0.0);
        assert_eq!(of([&[1.0, 1.0], &[1.0, 1.0]]).t(), 0.0);
    }
}
