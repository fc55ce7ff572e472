//! Plots one above the other, over the same span of time.

use maud::{Markup, html};

use super::marks::Marks;
use super::plot::Plot;

/// Plots one above the other, over the same span of time.
pub(in crate::console) struct Figure {
    pub(in crate::console) plots: Vec<Plot>,
    /// The labels below, from the beginning to the end of the span: an odd number.
    pub(in crate::console) ticks: Vec<String>,
    /// What needs to be explained of the drawing.
    pub(in crate::console) notes: Vec<Markup>,
    pub(in crate::console) class: &'static str,
}

// === impl Figure ===

impl Figure {
    pub(in crate::console) fn render(&self, marks: &[Marks]) -> Markup {
        html! {
            figure class=(self.class) {
                @for plot in &self.plots { (plot.render(marks)) }
                ol.axis-x aria-hidden="true" { @for tick in &self.ticks { li { (tick) } } }
                @for note in &self.notes { p.chart-note.hint { (note) } }
            }
        }
    }
}
