//! Lines, bars, gaps, marks and limits as SVG. A column of time is one unit wide, and the plot 100 units
//! high.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::marks::{Colour, Marks};
use super::scale::short;

/// How high the plot is.
const HEIGHT: f64 = 100.0;

/// One plot.
pub(in crate::console) struct Plot {
    /// What stands above it, left and right.
    pub(in crate::console) name: Markup,
    pub(in crate::console) note: Markup,
    /// What it shows, in a sentence.
    pub(in crate::console) label: String,
    pub(in crate::console) shape: Shape,
    /// The number at its upper edge.
    pub(in crate::console) top: u64,
    /// A limit that is drawn.
    pub(in crate::console) limit: Option<u64>,
    pub(in crate::console) is_low: bool,
}

/// How numbers are drawn. A column of which nothing is known has none.
pub(in crate::console) enum Shape {
    /// One line over all columns.
    Line(Vec<Option<u64>>),
    /// Bars on top of each other, each with its colour.
    Bars(Vec<(Colour, Vec<Option<u64>>)>),
}

// === impl Plot ===

impl Plot {
    pub(super) fn render(&self, marks: &[Marks]) -> Markup {
        let class = if self.is_low { "plot low" } else { "plot" };
        let width = marks.len().max(1);
        html! {
            p.chart-name { span { (self.name) } span { (self.note) } }
            ol.axis-y aria-hidden="true" {
                li { (short(self.top)) }
                li { (short(self.top / 2)) }
                li { "0" }
            }
            svg class=(class) viewBox={ "0 0 " (width) " 100" } preserveAspectRatio="none" role="img"
                aria-label=(self.label) {
                @let gaps = columns(marks, |marks| marks.is_gap);
                @if !gaps.is_empty() { path.gap d=(gaps) {} }
                path.rule d={ "M0 0h" (width) "M0 50h" (width) } {}
                @match &self.shape {
                    Shape::Line(values) => {
                        path.area d=(self.line(values, true)) {}
                        path.line d=(self.line(values, false)) {}
                    }
                    Shape::Bars(bars) => @for (colour, d) in self.bars(bars) { path class=(colour) d=(d) {} },
                }
                @let restarts = lines(marks);
                @if !restarts.is_empty() { path.restart d=(restarts) {} }
                @if let Some(limit) = self.limit {
                    path.limit d={ "M0 " (round(self.y(limit))) "h" (width) } {}
                }
                path.base d={ "M0 100h" (width) } {}
            }
        }
    }

    /// Where a number is, from the upper edge. What is beyond the edge is at it.
    fn y(&self, value: u64) -> f64 {
        let share = value.min(self.top) as f64 / self.top.max(1) as f64;
        HEIGHT - HEIGHT * share
    }

    /// The line, or the area below it. It ends where nothing is known, and begins anew.
    fn line(&self, values: &[Option<u64>], is_area: bool) -> String {
        let mut path = String::new();
        for run in runs(values) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            // It reaches from edge to edge of its columns, so that one alone is seen.
            let edges = [(first.0, first.1), (last.0 + 1.0, last.1)];
            let middle = run.iter().map(|(x, value)| (x + 0.5, *value));
            let points = edges[..1].iter().copied().chain(middle).chain(edges[1..].iter().copied());
            let mut command = 'M';
            for (x, value) in points {
                let _ = write!(path, "{command}{} {}", round(x), round(self.y(value)));
                command = 'L';
            }
            if is_area {
                let _ = write!(path, "L{} 100L{} 100z", round(edges[1].0), round(edges[0].0));
            }
        }
        path
    }

    /// A path for each colour.
    fn bars(&self, bars: &[(Colour, Vec<Option<u64>>)]) -> Vec<(Colour, String)> {
        let mut below = vec![0_u64; bars.iter().map(|(_, values)| values.len()).max().unwrap_or_default()];
        let path = |(colour, values): &(Colour, Vec<Option<u64>>)| {
            let mut path = String::new();
            for (index, value) in values.iter().enumerate() {
                let (Some(value @ 1..), Some(below)) = (*value, below.get_mut(index)) else { continue };
                let (foot, head) = (self.y(*below), self.y(below.saturating_add(value)));
                *below = below.saturating_add(value);
                let (x, height) = (round(index as f64 + 0.12), round(foot - head));
                let _ = write!(path, "M{x} {}v-{height}h0.76v{height}z", round(foot));
            }
            (*colour, path)
        };
        bars.iter().map(path).collect()
    }
}

/// The columns that follow each other and have a number, with where they begin.
fn runs(values: &[Option<u64>]) -> Vec<Vec<(f64, u64)>> {
    let mut runs: Vec<Vec<(f64, u64)>> = vec![Vec::new()];
    for (index, value) in values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((index as f64, *value)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs
}

/// The columns of which something is so, over the whole height.
fn columns(marks: &[Marks], is_so: impl Fn(&Marks) -> bool) -> String {
    let mut path = String::new();
    let mut rest = marks.iter().map(is_so).enumerate().peekable();
    while let Some((start, is_so)) = rest.next() {
        if is_so {
            let mut width = 1;
            while rest.next_if(|(_, is_so)| *is_so).is_some() {
                width += 1;
            }
            let _ = write!(path, "M{start} 0h{width}v100h-{width}z");
        }
    }
    path
}

/// A line in the middle of each column in which counting began anew.
fn lines(marks: &[Marks]) -> String {
    let mut path = String::new();
    for (index, _) in marks.iter().enumerate().filter(|(_, marks)| marks.is_restart) {
        let _ = write!(path, "M{index}.5 0v100");
    }
    path
}

/// A length as short as it can be, to a hundredth.
fn round(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(shape: Shape) -> Plot {
        let (name, note) = (html! { "Admitted" }, html! { "each is a minute" });
        let label = "Admitted: at most 10".to_owned();
        Plot { name, note, label, shape, top: 10, limit: Some(5), is_low: false }
    }

    const NONE: Marks = Marks { is_gap: false, is_partial: false, is_restart: false };
    const GAP: Marks = Marks { is_gap: true, ..NONE };
    const RESTART: Marks = Marks { is_restart: true, ..NONE };

    #[test]
    fn a_line_ends_at_a_gap_and_begins_anew_after_it() {
        let plot = plot(Shape::Line(vec![Some(0), Some(5), None, None, Some(20)]));
        let drawn = plot.render(&[NONE, NONE, GAP, GAP, RESTART]).0;
        for part in [
            "viewBox=\"0 0 5 100\"",
            "preserveAspectRatio=\"none\"",
            "aria-label=\"Admitted: at most 10\"",
            "<path class=\"line\" d=\"M0 100L0.5 100L1.5 50L2 50M4 0L4.5 0L5 0\"></path>",
            "<path class=\"area\" d=\"M0 100L0.5 100L1.5 50L2 50L2 100L0 100zM4 0L4.5 0L5 0L5 100L4 100z\">",
            "<path class=\"gap\" d=\"M2 0h2v100h-2z\"></path>",
            "<path class=\"restart\" d=\"M4.5 0v100\"></path>",
            "<path class=\"limit\" d=\"M0 50h5\"></path>",
            "<li>10</li><li>5</li><li>0</li>",
        ] {
            assert!(drawn.contains(part), "{part} is not in\n{drawn}");
        }
        assert!(!drawn.contains("style="));
    }

    #[test]
    fn bars_stand_on_each_other() {
        let bars = vec![("d2", vec![Some(2), Some(0), None]), ("d3", vec![Some(3), Some(1), None])];
        let drawn = plot(Shape::Bars(bars)).render(&[NONE, NONE, GAP]).0;
        assert!(drawn.contains("<path class=\"d2\" d=\"M0.12 100v-20h0.76v20z\"></path>"), "{drawn}");
        assert!(
            drawn.contains("<path class=\"d3\" d=\"M0.12 80v-30h0.76v30zM1.12 100v-10h0.76v10z\"></path>"),
            "{drawn}"
        );
    }
}
