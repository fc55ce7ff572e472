//! What Envoy held over time, as a table and as a picture.

use std::fmt::Write;

use crate::flat::Holding;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 60.0;

/// Comma-separated values with a line of titles.
pub fn csv(holdings: &[Holding]) -> String {
    let mut out = "second,memory_kib,descriptors,requests\n".to_owned();
    for Holding { at, memory, descriptors, requests } in holdings {
        let _ = writeln!(out, "{:.1},{memory},{descriptors},{requests}", at.as_secs_f64());
    }
    out
}

/// An SVG with three lines, each on an axis of its own that begins at 0.
pub fn svg(holdings: &[Holding]) -> String {
    let end = holdings.last().map_or(1.0, |holding| holding.at.as_secs_f64().max(1.0));
    let total = WIDTH + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#888\"/>\n",
        HEIGHT + 2.0 * MARGIN,
    );
    let rates: Vec<f64> = std::iter::once(0.0).chain(holdings.windows(2).map(rate)).collect();
    let series: [(&str, &str, Vec<f64>); 3] = [
        ("resident memory, MiB", "#c0392b", holdings.iter().map(|h| h.memory / 1024.0).collect()),
        ("file descriptors", "#2980b9", holdings.iter().map(|h| h.descriptors).collect()),
        ("requests per second", "#aaaaaa", rates),
    ];
    for (index, (name, colour, values)) in series.iter().enumerate() {
        // Flat lines must not lie on each other.
        let top = values.iter().copied().fold(1.0, f64::max) * (1.1 + 0.2 * index as f64);
        let points: Vec<String> = holdings
            .iter()
            .zip(values)
            .map(|(holding, value)| {
                let x = MARGIN + holding.at.as_secs_f64() / end * WIDTH;
                format!("{x:.1},{:.1}", MARGIN + HEIGHT * (1.0 - value / top))
            })
            .collect();
        let points = points.join(" ");
        let _ = writeln!(out, "<polyline fill=\"none\" stroke=\"{colour}\" points=\"{points}\"/>");
        let (x, last) = (MARGIN + 300.0 * index as f64, values.last().copied().unwrap_or_default());
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"30\" fill=\"{colour}\">{name}: {last:.0} (axis 0 to {top:.0})</text>"
        );
    }
    let _ = writeln!(out, "<text x=\"{MARGIN}\" y=\"{}\">0 s</text>", HEIGHT + MARGIN + 20.0);
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{end:.0} s</text>\n</svg>",
        WIDTH + MARGIN,
        HEIGHT + MARGIN + 20.0
    );
    out
}

/// Requests per second between two neighbours.
fn rate(pair: &[Holding]) -> f64 {
    let [a, b] = pair else { return 0.0 };
    b.requests.saturating_sub(a.requests) as f64 / (b.at.saturating_sub(a.at)).as_secs_f64().max(0.001)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_table_has_a_line_and_a_picture_a_point_for_each_second() {
        let holding = |second| Holding {
            at: Duration::from_secs(second),
            memory: 2048.0,
            descriptors: 60.0,
            requests: second * 100,
        };
        let holdings: Vec<Holding> = (0..3).map(holding).collect();
        assert_eq!(csv(&holdings).lines().nth(2), Some("1.0,2048,60,100"));
        let picture = svg(&holdings);
        assert!(picture.contains("resident memory, MiB: 2 "), "{picture}");
        let lines: Vec<_> = picture.lines().filter(|line| line.starts_with("<polyline")).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.matches(',').count() == 3), "{picture}");
    }
}
