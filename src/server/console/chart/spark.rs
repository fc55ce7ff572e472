//! A few bars beside a number, for people who see them: what they say is said elsewhere too.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::marks::Colour;

/// How many bars there are.
pub(in crate::console) const BARS: usize = 16;

/// These numbers as bars.
pub(in crate::console) fn spark(colour: Colour, numbers: &[u64; BARS]) -> Markup {
    let most = numbers.iter().max().copied().unwrap_or_default().max(1);
    let mut path = String::new();
    for (index, number) in numbers.iter().enumerate().filter(|(_, number)| **number > 0) {
        let height = (u128::from(*number) * 18 / u128::from(most)).max(1);
        let _ = write!(path, "M{} 20v-{height}h3.5v{height}z", index * 5);
    }
    html! { svg.spark viewBox="0 0 80 20" aria-hidden="true" { path class=(colour) d=(path) {} } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_numbers_and_the_smallest_is_seen() {
        let mut numbers = [0; BARS];
        (numbers[1], numbers[15]) = (1000, 1);
        let drawn = spark("d2", &numbers).0;
        assert!(drawn.contains("<path class=\"d2\" d=\"M5 20v-18h3.5v18zM75 20v-1h3.5v1z\">"), "{drawn}");
    }
}
