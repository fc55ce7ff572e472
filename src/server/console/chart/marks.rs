//! What drawings have in common: colours, what a column of time has besides numbers, and their legends.

use maud::{Markup, html};

/// A colour of the style sheet.
pub(in crate::console) type Colour = &'static str;

/// What a column of time has besides numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Marks {
    /// Nothing is known of it.
    pub(in crate::console) is_gap: bool,
    /// A part of it is missing.
    pub(in crate::console) is_partial: bool,
    /// Counting began anew in it.
    pub(in crate::console) is_restart: bool,
}

/// A square of a colour, for a legend.
pub(in crate::console) fn swatch(colour: Colour) -> Markup {
    html! { svg.swatch aria-hidden="true" { rect class=(colour) width="10" height="10" rx="2" {} } }
}

/// The same within a line of text.
pub(in crate::console) fn inline_swatch(colour: Colour) -> Markup {
    html! { svg.swatch.inline aria-hidden="true" { rect class=(colour) width="10" height="10" rx="2" {} } }
}

/// The line of a limit, for a legend.
pub(in crate::console) fn limit_key() -> Markup {
    html! { svg.limit-key aria-hidden="true" { path d="M0 2h20" {} } }
}
