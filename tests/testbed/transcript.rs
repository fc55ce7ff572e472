//! Answers of commands as the docs show them, compared with what the commands print.

use std::sync::LazyLock;

use regex::Regex;

/// A line of an answer that stands for any number of lines.
const REST: &str = "…";

/// What differs from run to run, and the word that stands for it in a comparison.
const GENERATED: [(&str, &str); 16] = [
    (r"^[a-z0-9]{8} \d+[smhdy] \S+( \(as \S+\))? ", "ENTRY AGE WHO "),
    (r"^(entry|who|from) .*", "$1"),
    (r"\b[a-z0-9]{8} (is taken back|is not taken back)\b", "ENTRY $1"),
    (r"\b(undo of|taken back by|; by) [a-z0-9]{8}\b", "$1 ENTRY"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "DATE"),
    (r"\b(\d+[dhms] )+ago\b", "A WHILE ago"),
    (r"\b(service|usagePlan)-[a-z0-9]{8}\b", "$1-ID"),
    (r"\bAKID[0-9A-Za-z]{5,}\b", "AKID"),
    (r"\b[0-9A-Za-z]{40}\b", "SECRET"),
    (r#"(signature="|expected |received ")[0-9A-Za-z+/]+=*"#, "${1}MAC"),
    (r"\b[0-9a-f]{12}(-[0-9a-f]{8})?\b", "DIGEST"),
    (r"\b\d+ ms\b", "N ms"),
    (r"\b\d+\.\d+\.\d+\.\d+:\d+\b", "ADDRESS"),
    (r"(/[\w.-]+)+/(usage-plan|watched)\b", "DIRECTORY"),
    (r"@@ -\d+,\d+ \+\d+,\d+ @@", "@@"),
];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compile = |(pattern, word): (&str, &'static str)| (Regex::new(pattern).expect("a pattern"), word);
    GENERATED.into_iter().map(compile).collect()
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\d+\b").expect("a pattern"));

/// What of a number counts in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Its value.
    Value,
    /// Only that it is a number: the page shows the counts of another run.
    Kind,
}

/// Compares `printed` with the `answer` that the docs show: line by line, but for generated values, the width
/// of columns, and the lines that `…` stands for.
///
/// # Errors
/// They differ: both, as they were compared.
pub fn compare(answer: &str, printed: &str, numbers: Numbers) -> Result<(), String> {
    let (expected, found) = (lines(answer, numbers), lines(printed, numbers));
    if matches(&expected, &found) {
        return Ok(());
    }
    Err(format!("the docs show\n{}and the command printed\n{}", indented(&expected), indented(&found)))
}

fn lines(text: &str, numbers: Numbers) -> Vec<String> {
    let plain = |line: &str| {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let replace =
            |line: String, (pattern, word): &(Regex, &str)| pattern.replace_all(&line, *word).into_owned();
        let line = PATTERNS.iter().fold(words, replace);
        if numbers == Numbers::Kind { NUMBER.replace_all(&line, "N").into_owned() } else { line }
    };
    text.lines().map(plain).filter(|line| !line.is_empty()).collect()
}

fn matches(expected: &[String], found: &[String]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == REST => (0..=found.len()).any(|from| matches(rest, &found[from..])),
        Some((first, rest)) => {
            found.split_first().is_some_and(|(line, found)| line == first && matches(rest, found))
        }
    }
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(answer: &str, printed: &str) -> Result<(), String> {
        super::compare(answer, printed, Numbers::Value)
    }

    #[test]
    fn generated_values_and_columns_do_not_count() {
        let entries = "k29tz7ub  4s  ada  key disable acme  taken back by f80wcf8n\nfrom  here\n";
        let of_root = "0k9tz7ub  3m  ada (as root)  key disable acme  taken back by 000wcf8n\nfrom  there\n";
        assert_eq!(compare(entries, of_root), Ok(()));
        let answer = "secret_id   AKIDacme0001\nNAME  CREATED\ngold  2026-11-24T19:02:54Z";
        let printed = "secret_id  AKIDRlPZ2355l5DLcIajsRgycsb7dzPa8e7f85sl\n\nNAME     CREATED\ngold     2027-01-01T00:00:00Z\n";
        assert_eq!(compare(answer, printed), Ok(()));
    }

    #[test]
    fn another_word_or_number_and_a_line_more_or_less_are_differences() {
        for (answer, printed) in
            [("is created", "is edited"), ("a", "a\nb"), ("a\nb", "a"), ("1000/s", "1001/s")]
        {
            assert!(compare(answer, printed).is_err(), "{answer} {printed}");
        }
        assert_eq!(super::compare("4114 calls", "7 calls", Numbers::Kind), Ok(()));
        assert!(super::compare("4114 calls", "many calls", Numbers::Kind).is_err());
    }

    #[test]
    fn an_ellipsis_stands_for_any_lines_and_nothing_else() {
        assert_eq!(compare("a\n…\nc", "a\nc"), Ok(()));
        assert_eq!(compare("a\n…\nc", "a\nb\nb\nc"), Ok(()));
        assert!(compare("a\n…\nc", "a\nb").is_err());
        assert!(compare("a\n…\nc", "a\nc\nd").is_err());
    }
}
