//! The headers that hold a date.

/// A header that holds a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateName {
    /// `x-date`
    XDate,
    /// `date`
    Date,
}

// === impl DateName ===

impl DateName {
    /// Every header that can hold a date, in the order in which they are checked.
    pub const ALL: [Self; 2] = [Self::XDate, Self::Date];

    /// The header's name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XDate => "x-date",
            Self::Date => "date",
        }
    }
}
