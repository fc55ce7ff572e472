//! The corpus of attacks (`tests/vectors/attacks/`), on both bindings.

mod cost;
mod proxy;

use std::collections::{BTreeMap, BTreeSet};

use emulator::{Worker, on_all};
use testbed::attacks::{Case, Corpus, Target, faults};

use self::proxy::Proxy;
use crate::UsagePlan;

on_all! {
    UsagePlan =>
    every_attack_gets_what_the_corpus_says,
}

fn every_attack_gets_what_the_corpus_says<W: Worker>() {
    let corpus = Corpus::read();
    let mut wrong = Vec::new();
    for (document, cases) in corpus.by_document() {
        let mut proxy = Proxy::<W>::start(&corpus.documents[document]);
        for case in cases {
            let found = match proxy.try_send(case) {
                Ok(observed) => faults(case, Target::Filter, &observed),
                Err(failure) => {
                    proxy = Proxy::start(&corpus.documents[document]);
                    vec![failure.to_string()]
                }
            };
            wrong.extend(found.into_iter().map(|fault| format!("{}: {fault}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_has_over_two_hundred_cases_with_names_of_their_own_and_every_hole() {
    let corpus = Corpus::read();
    assert!(corpus.cases.len() >= 200, "{} cases", corpus.cases.len());
    let mut names = BTreeSet::new();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut holes = BTreeSet::new();
    for (class, case) in &corpus.cases {
        assert!(names.insert(&case.name), "two cases are named {:?}", case.name);
        assert!(case.stands_for.len() > 20, "{}: say which defect it stands for", case.name);
        *classes.entry(class).or_default() += 1;
        holes.extend(case.hole.as_deref());
    }
    assert_eq!(holes.into_iter().collect::<String>(), "abcdefghi");
    assert!(classes.len() >= 20 && classes.values().all(|cases| *cases >= 3), "{classes:?}");
}

/// A check that cannot fail proves nothing: each part of an expectation is made wrong once.
#[test]
fn a_wrong_expectation_is_found() {
    let corpus = Corpus::read();
    let mut planted = 0;
    for (document, cases) in corpus.by_document() {
        let mut proxy = Proxy::<emulator::Native<UsagePlan>>::start(&corpus.documents[document]);
        for case in cases {
            let observed = proxy.send(case);
            for wrong in wrong_expectations(case) {
                assert!(
                    !faults(&wrong, Target::Filter, &observed).is_empty(),
                    "{}: {:?}",
                    case.name,
                    wrong.expect
                );
                planted += 1;
            }
        }
    }
    assert!(planted >= 600, "{planted}");
}

/// The case with each part of its expectation changed.
fn wrong_expectations(case: &Case) -> Vec<Case> {
    let mut wrong = Vec::new();
    let mut change = |change: &dyn Fn(&mut Case)| {
        let mut case = case.clone();
        change(&mut case);
        wrong.push(case);
    };
    change(&|case| case.expect.status = case.expect.status.map(|status| status + 1));
    change(&|case| case.expect.outcome = "other".to_owned());
    if case.expect.message.is_some() && case.request.method.text() != "HEAD" {
        change(&|case| case.expect.message = Some("another".into()));
    }
    if let Some(upstream) = &case.expect.upstream {
        change(&|case| case.expect.upstream = None);
        let other = match upstream.identity {
            Some(_) => None,
            None => Some(["a", "b", "c", "d"].map(str::to_owned)),
        };
        change(&|case| case.expect.upstream.as_mut().expect("some").identity = other.clone());
        change(&|case| case.expect.upstream.as_mut().expect("some").path = Some("/another".into()));
        change(&|case| case.expect.upstream.as_mut().expect("some").trailers.push(("x".into(), "y".into())));
        change(&|case| case.expect.upstream.as_mut().expect("some").absent.push(":method".to_owned()));
    } else {
        change(&|case| case.expect.upstream = Some(Default::default()));
    }
    wrong
}

/// Every request of the corpus that is let through on its credential is refused with any byte of its
/// credential changed.
#[test]
fn a_credential_with_any_byte_changed_is_refused() {
    let corpus = Corpus::read();
    let mut changed = 0;
    for (document, cases) in corpus.by_document() {
        let mut proxy = Proxy::<emulator::Native<UsagePlan>>::start(&corpus.documents[document]);
        for case in cases.into_iter().filter(|case| is_held_to_its_credential(case)) {
            let request = case.request(proxy.document, proxy.now());
            let index = request.headers.iter().position(|(name, _)| name == b"authorization");
            let Some(index) = index else { panic!("{}: allowed without a credential", case.name) };
            for at in 0..request.headers[index].1.len() {
                let mut request = request.clone();
                let byte = &mut request.headers[index].1[at];
                *byte ^= 1;
                let exchange = proxy.worker.request(&request);
                let refused = exchange.status() == 401 && exchange.upstream.is_none();
                assert!(refused, "{}: {}", case.name, request.headers[index].1.escape_ascii());
                changed += 1;
            }
        }
    }
    assert!(changed > 1000, "{changed}");
}

/// Whether the request passes on its credential, and would not pass without one.
fn is_held_to_its_credential(case: &Case) -> bool {
    case.expect.outcome == "allowed"
        && case.document != "observing"
        && case.request.authority.text() != "open.example.com"
}
