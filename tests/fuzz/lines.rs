//! Inputs that are text: a first line, then header lines. They are readable in the corpus, and a mutation
//! seldom spoils them.

use usage_plan_core::request::Field;

/// The first line, and the others as fields, `name: value`; a line without a colon is skipped.
pub(crate) fn read(data: &[u8]) -> (&[u8], Vec<Field<'_>>) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let field = |line: &'_ [u8]| line.iter().position(|byte| *byte == b':');
    let fields = lines.filter_map(|line| {
        let colon = field(line)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        // The space that belongs to the input's form; what else is around the value belongs to the value.
        (!name.is_empty()).then(|| (name, value.strip_prefix(b" ").unwrap_or(value)))
    });
    (first, fields.collect())
}
