//! What is fuzzed: a function for each reader of bytes that come from outside, which says what must hold of
//! every input, and panics where it does not.
//!
//! | target | reads | must hold |
//! |---|---|---|
//! | `answer` | what an engine answers the filter | a second reader, who understands it too, agrees |
//! | `credential` | an `Authorization` value | a second reader agrees; what is written anew is read alike |
//! | `date` | a date's value | an accepted date is the time that it spells |
//! | `string_to_sign` | names, and a header map | it is the lines that a second reader joins |
//! | `header_map` | a serialised header map | its fields written anew are read alike |
//! | `route` | a host and a path | a plain model finds the same service; spelling changes nothing |
//! | `request` | a whole request | the filter forwards what a second verification accepts, and nothing else |
//! | `cell` | a counter's bytes and requests | they are read back as written; no limit admits too much |
//! | `document` | a document | what is written from it is read alike; no message shows a secret |
//! | `capture` | what `explain` is given | line ends do not matter; nothing of it makes a line of its own |
//! | `log` | lines of the log, documents | an entry is read as written; a difference leads to the next |
//! | `management` | a request of the management API | who does not sign is refused; a viewer edits nothing |
//! | `ratelimit` | a call of the engine | its counter is found again by its key; what is refused says why |
//! | `import_kong`, `import_tencent` | other gateways' files | a second import adds nothing |
//!
//! `libfuzzer/` hands these functions to cargo-fuzz (`make fuzz`). The tests of this crate run them on
//! everything in `corpus/` and `regressions/`, and on some thousand mutations of it.

mod answer;
mod capture;
mod cell;
mod credential;
mod date;
mod document;
mod header_map;
mod hosts;
mod import;
mod lines;
mod log;
mod management;
mod ratelimit;
mod reference;
#[cfg(test)]
mod replay;
mod request;
mod route;
mod string_to_sign;

pub use self::answer::answer;
pub use self::capture::capture;
pub use self::cell::cell;
pub use self::credential::credential;
pub use self::date::date;
pub use self::document::document;
pub use self::header_map::header_map;
pub use self::import::{import_kong, import_tencent};
pub use self::log::log;
pub use self::management::management;
pub use self::ratelimit::ratelimit;
pub use self::request::request;
pub use self::route::route;
pub use self::string_to_sign::string_to_sign;

/// A target: what is run on each input.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 15] = [
    ("answer", answer),
    ("capture", capture),
    ("cell", cell),
    ("credential", credential),
    ("date", date),
    ("document", document),
    ("header_map", header_map),
    ("import_kong", import_kong),
    ("import_tencent", import_tencent),
    ("log", log),
    ("management", management),
    ("ratelimit", ratelimit),
    ("request", request),
    ("route", route),
    ("string_to_sign", string_to_sign),
];
