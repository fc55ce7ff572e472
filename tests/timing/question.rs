//! Which kinds of requests are compared, and what must be found.

use crate::cropped::Finding;
use crate::experiment::Action;
use crate::subject::Kind;

/// From this |t| on, the two classes surely have different means: dudect's own bound.
const DISTINGUISHED: f64 = 10.0;

/// Two classes of requests, and what must be found of them.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The two classes in words.
    pub text: &'static str,
    /// What is timed on requests of which kind.
    pub classes: [(Action, Kind); 2],
    /// What must be found.
    pub wanted: Wanted,
}

/// What must be found of two classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// They are not distinguished.
    Same,
    /// They may be distinguished, but they differ by less than a quarter of a MAC.
    Near,
    /// They are distinguished.
    Distinguished,
}

/// All questions.
pub const QUESTIONS: [Question; 7] = [
    Question {
        text: "wrong signature, and another wrong one",
        classes: [(Action::Decide, Kind::WrongSignature), (Action::Decide, Kind::WrongSignature)],
        wanted: Wanted::Same,
    },
    Question {
        text: "wrong signature, and one right in its first half",
        classes: [(Action::Decide, Kind::WrongSignature), (Action::Decide, Kind::RightFirstHalf)],
        wanted: Wanted::Same,
    },
    Question {
        text: "wrong signature, and one right but for its last byte",
        classes: [(Action::Decide, Kind::WrongSignature), (Action::Decide, Kind::RightButLastByte)],
        wanted: Wanted::Same,
    },
    Question {
        text: "unknown key, and wrong signature",
        classes: [(Action::Decide, Kind::UnknownKey), (Action::Decide, Kind::WrongSignature)],
        wanted: Wanted::Near,
    },
    Question {
        text: "unknown key, and disabled key",
        classes: [(Action::Decide, Kind::UnknownKey), (Action::Decide, Kind::DisabledKey)],
        wanted: Wanted::Near,
    },
    Question {
        text: "planted leak: right in its first half",
        classes: [
            (Action::DecideAndCompare, Kind::WrongSignature),
            (Action::DecideAndCompare, Kind::RightFirstHalf),
        ],
        wanted: Wanted::Distinguished,
    },
    Question {
        text: "planted leak: right but for its last byte",
        classes: [
            (Action::DecideAndCompare, Kind::WrongSignature),
            (Action::DecideAndCompare, Kind::RightButLastByte),
        ],
        wanted: Wanted::Distinguished,
    },
];

// === impl Question ===

impl Question {
    /// Whether what was found is what must be found. `mac` is the time of a MAC in nanoseconds.
    pub fn is_answered_as_wanted(&self, found: Finding, mac: f64) -> bool {
        match self.wanted {
            Wanted::Same => found.t <= DISTINGUISHED,
            Wanted::Near => found.difference.abs() < mac / 4.0,
            Wanted::Distinguished => found.t > DISTINGUISHED,
        }
    }
}

// === impl Wanted ===

impl Wanted {
    /// What was found, in words, when it is this.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Same => "not distinguished",
            Self::Near => "less than a quarter of a MAC",
            Self::Distinguished => "distinguished, as it must be",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_judged_by_t_or_by_the_time_of_a_mac() {
        let wanted = |wanted| Question { wanted, ..QUESTIONS[0] };
        for (t, difference, same, near, distinguished) in [
            (2.0, 0.1, true, true, false),
            (50.0, -3.0, false, true, true),
            (50.0, -70.0, false, false, true),
        ] {
            let found = Finding { t, difference };
            assert_eq!(wanted(Wanted::Same).is_answered_as_wanted(found, 250.0), same);
            assert_eq!(wanted(Wanted::Near).is_answered_as_wanted(found, 250.0), near);
            assert_eq!(wanted(Wanted::Distinguished).is_answered_as_wanted(found, 250.0), distinguished);
        }
    }
}
