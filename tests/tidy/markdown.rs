//! What the rules need of a page in Markdown: headings, anchors, blocks of code, links, tables.

/// A heading.
#[derive(Debug, PartialEq, Eq)]
pub struct Heading {
    /// The line, counted from 1.
    pub line: usize,
    /// 1 for `#`.
    pub level: usize,
    /// Its text.
    pub text: String,
}

/// A line, and whether it is inside of a block of code, or one of the two lines around it.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().map(move |(index, line)| {
        let trimmed = line.trim_start();
        let marks = ["```", "~~~"].into_iter().find(|marks| trimmed.starts_with(marks));
        let code = fence.is_some() || marks.is_some();
        match (fence, marks) {
            (None, Some(marks)) => fence = Some(marks),
            (Some(open), Some(marks)) if open == marks => fence = None,
            _ => {}
        }
        (index + 1, line, code)
    })
}

/// The headings, in their order.
#[must_use]
pub fn headings(text: &str) -> Vec<Heading> {
    let heading = |(line, text, code): (usize, &str, bool)| {
        let level = text.chars().take_while(|mark| *mark == '#').count();
        let title = text.get(level..)?.strip_prefix(' ')?;
        (!code && level > 0).then(|| Heading { line, level, text: title.trim().to_owned() })
    };
    lines(text).filter_map(heading).collect()
}

/// The blocks of code, each with the line it begins in.
#[must_use]
pub fn code_blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut last = 0;
    for (number, line, _) in lines(text).filter(|(_, _, code)| *code) {
        let closed = blocks.last().is_some_and(|(begin, _)| is_closed(text, *begin, last));
        match blocks.last_mut() {
            Some((_, block)) if number == last + 1 && !closed => block.push_str(&format!("{line}\n")),
            _ => blocks.push((number, format!("{line}\n"))),
        }
        last = number;
    }
    blocks
}

fn is_closed(text: &str, begin: usize, last: usize) -> bool {
    let closing = text.lines().nth(last.saturating_sub(1)).unwrap_or_default().trim();
    last > begin && (closing == "```" || closing == "~~~")
}

/// What a link may name behind `#`: GitHub's slugs of the headings, and `<a id="…">`.
#[must_use]
pub fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for heading in headings(text) {
        let slug = slug(&heading.text);
        let same = anchors.iter().filter(|anchor| **anchor == slug).count();
        anchors.push(if same == 0 { slug } else { format!("{slug}-{same}") });
    }
    for (_, line, code) in lines(text) {
        let ids = line.split("<a id=\"").skip(1).filter(|_| !code);
        anchors.extend(ids.filter_map(|id| id.split_once('"')).map(|(id, _)| id.to_owned()));
    }
    anchors
}

/// GitHub's slug: lower case, spaces as `-`, letters, digits, `-` and `_` stay, the rest goes.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|mark| match mark {
        ' ' => Some('-'),
        mark if mark.is_alphanumeric() || mark == '-' || mark == '_' => Some(mark),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The targets of `](…)` and `[name]: …` outside of code, each with its line.
#[must_use]
pub fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line, _) in lines(text).filter(|(_, _, code)| !code) {
        let targets = without_code(line);
        for target in targets.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            found.push((number, target.trim().to_owned()));
        }
        if let Some((name, target)) = line.split_once("]: ")
            && name.starts_with('[')
        {
            found.push((number, target.trim().to_owned()));
        }
    }
    found
}

/// A line without its code in backticks, which GitHub does not read for links.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The first cells of the tables' rows below a heading, up to the next one, without the row of titles.
#[must_use]
pub fn first_cells(text: &str, heading: &Heading) -> Vec<(usize, String)> {
    let rows = lines(text).skip(heading.line).take_while(|(_, line, code)| *code || !line.starts_with('#'));
    let rows = rows.filter(|(_, line, code)| !code && line.starts_with('|'));
    let cells =
        rows.filter_map(|(number, line, _)| Some((number, line.split('|').nth(1)?.trim().to_owned())));
    let mut cells: Vec<(usize, String)> = cells.collect();
    if let Some(rule) = cells.iter().position(|(_, cell)| cell.starts_with("---")) {
        cells.drain(..=rule);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# One *page*\n\n```sh\n# no heading\n[no](link)\n```\n```\nb\n```\n\n## `keys[].x_y`\n\n## Same\n## Same\n\
        [a](b.md#c) `[no](link)` <a id=\"own\">\n[ref]: d.md\n\n| field | x |\n|---|---|\n| `f` | y |\n";

    #[test]
    fn headings_code_anchors_links_and_cells_are_read() {
        let headings = headings(PAGE);
        let levels: Vec<_> = headings.iter().map(|heading| (heading.line, heading.level)).collect();
        assert_eq!(levels, [(1, 1), (11, 2), (13, 2), (14, 2)]);
        let blocks = [(3, "```sh\n# no heading\n[no](link)\n```\n"), (7, "```\nb\n```\n")];
        assert_eq!(code_blocks(PAGE), blocks.map(|(line, text)| (line, text.to_owned())));
        assert_eq!(anchors(PAGE), ["one-page", "keysx_y", "same", "same-1", "own"]);
        assert_eq!(links(PAGE), [(15, "b.md#c".to_owned()), (16, "d.md".to_owned())]);
        assert_eq!(first_cells(PAGE, &headings[3]), [(20, "`f`".to_owned())]);
    }
}
