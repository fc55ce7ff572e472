//! Assertions about text whose failures show the text as it was printed, not escaped.

use std::borrow::Cow;

use super::Ran;

/// The text as one word of a command line, quoted as a shell needs it.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    shlex::try_quote(text).expect("no NUL")
}

/// What a command did, for the message of a failed assertion.
pub(crate) fn shown(ran: &Ran) -> String {
    let Ran { status, stdout, stderr } = ran;
    format!("exit code {status}\n--- standard output\n{stdout}\n--- standard error\n{stderr}\n---")
}

#[track_caller]
pub(crate) fn assert_text(text: &str, expected: &str) {
    if text == expected {
        return;
    }
    let same = text.lines().zip(expected.lines()).take_while(|(line, other)| line == other).count();
    let [is, must_be] = [text, expected].map(|text| text.lines().nth(same));
    panic!(
        "--- printed\n{text}\n--- expected\n{expected}\n--- line {} is {is:?} and must be {must_be:?}",
        same + 1
    );
}

#[track_caller]
pub(crate) fn assert_contains(text: &str, expected: &str) {
    assert!(text.contains(expected), "no {expected:?} in:\n{text}");
}

/// Asserts that neither stream of a command shows the secret.
#[track_caller]
pub(crate) fn assert_hides(ran: &Ran, secret: &str) {
    let is_hidden = !ran.stdout.contains(secret) && !ran.stderr.contains(secret);
    assert!(is_hidden, "{secret:?} is shown: {}", shown(ran));
}
