//! What is given to `explain`.

use std::sync::LazyLock;

use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::explain::{Captured, explain, signed_date};
use usage_plan_manage::secrets::LocalDocument;

static LOCAL: LazyLock<LocalDocument> = LazyLock::new(|| {
    let document = include_bytes!("request.json");
    LocalDocument::parse(document, &|_| None).expect("a valid document")
});

/// The clock when the request signs no date: 1 January 2026.
const NOW: Timestamp = Timestamp::from_nanos(1_767_225_600_000_000_000);

/// Reads `text` as a captured request, and explains it.
pub fn capture(text: &[u8]) {
    let captured = Captured::parse(text);
    if !text.contains(&b'\r') {
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let other = Captured::parse(&lines.join(&b"\r\n"[..]));
        assert_eq!(format!("{other:?}"), format!("{captured:?}"), "line ends matter");
    }
    let Ok(captured) = captured else { return };
    let now = signed_date(&captured).unwrap_or(NOW);
    let explanation = explain(&LOCAL, &captured, now);
    assert!(!explanation.steps.is_empty());
    for step in &explanation.steps {
        let texts = std::iter::once(&step.detail).chain(step.more.iter().map(|line| &line.text));
        for text in texts.map(ToString::to_string) {
            // The command line escapes other control characters when it prints.
            assert!(!text.contains('\n'), "{}: {text:?} would be a line of its own", step.name);
        }
    }
}
