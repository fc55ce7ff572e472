//! The files of other gateways.

use usage_plan_manage::draft::Draft;
use usage_plan_manage::import::tencent::AnswerFile;
use usage_plan_manage::import::{self, Error, Proposal, kong, tencent};

/// Divides the files of one import.
const SEPARATOR: u8 = 0x1e;

/// Imports a decK file.
pub fn import_kong(deck: &[u8]) {
    is_imported_once(|| kong::read(deck, "deck"));
}

/// Imports answers of the cloud API. The files are divided by a record separator; one that begins with
/// `usagePlan-x=` or `service-x=` is a list that belongs to that plan or service.
pub fn import_tencent(answers: &[u8]) {
    is_imported_once(|| {
        let files = answers.split(|byte| *byte == SEPARATOR).enumerate();
        let files: Vec<AnswerFile> = files.map(|(index, text)| file(index, text)).collect();
        tencent::read(&files)
    });
}

fn file(index: usize, text: &[u8]) -> AnswerFile {
    let owned = text.iter().position(|byte| *byte == b'=').map(|at| (&text[..at], &text[at + 1..]));
    let is_id = |owner: &[u8]| owner.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let (owner, bytes) = match owned {
        Some((owner, rest)) if is_id(owner) => (std::str::from_utf8(owner).ok(), rest),
        _ => (None, text),
    };
    let name = format!("answers-{index}.json");
    AnswerFile { path: name.clone(), name, owner: owner.map(str::to_owned), bytes: bytes.to_vec() }
}

/// What is imported is a valid document or refused as a whole, and importing it again adds nothing to it.
fn is_imported_once(read: impl Fn() -> Result<Proposal, Error>) {
    let mut draft = Draft::parse(b"{}").expect("an empty document");
    let Ok(proposal) = read() else { return };
    let Ok(first) = import::merge(&mut draft, proposal) else { return };
    let text = draft.text();
    let Ok(mut draft) = Draft::parse(text.as_bytes()) else { return };
    let proposal = read().expect("it was read before");
    let second = import::merge(&mut draft, proposal);
    let second = second.unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert_eq!(draft.text(), text, "the second import changes the document");
    for ((entry, first), (_, second)) in first.counts.iter().zip(&second.counts) {
        assert_eq!(second.added, 0, "{entry:?}\n{text}");
        assert_eq!(second.left_out, first.left_out, "{entry:?}\n{text}");
    }
}
