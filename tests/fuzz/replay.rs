//! Every target on its corpus, on what once was a finding, and on mutations of both: the same ones each time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, Once};
use std::{fs, panic, thread};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{TARGETS, Target};

/// How many mutated inputs each target is run on.
const MUTATIONS: u32 = 1000;

/// The longest mutated input, as for `make fuzz`.
const MAX_LEN: usize = 4608;

/// A change of an input, at a position that is taken modulo its length.
#[derive(Clone, Debug)]
enum Change {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    /// What another input has from there on takes the place of the rest.
    Splice(usize, prop::sample::Index, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    // Bytes that mean something to one of the readers are tried more often.
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b" \t\r\n\"',:;=%/.*?#$-{}[]0\xff".to_vec())];
    let change = prop_oneof![
        (any::<usize>(), byte()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<usize>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        (any::<usize>(), 1..16usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<usize>(), 1..64usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        (any::<usize>(), any::<prop::sample::Index>(), any::<usize>())
            .prop_map(|(at, other, from)| Change::Splice(at, other, from)),
    ];
    prop::collection::vec(change, 1..6)
}

fn changed(inputs: &[Vec<u8>], input: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut data = input.to_vec();
    for change in changes {
        let at = |position: usize| position % (data.len() + 1);
        match *change {
            Change::Replace(position, byte) => {
                let at = at(position);
                data.splice(at..(at + 1).min(data.len()), [byte]);
            }
            Change::Insert(position, byte) => data.insert(at(position), byte),
            Change::Remove(position, length) => {
                let at = at(position);
                data.drain(at..(at + length).min(data.len()));
            }
            Change::Repeat(position, length) => {
                let at = at(position);
                let part = data[at..(at + length).min(data.len())].to_vec();
                data.splice(at..at, part);
            }
            Change::Splice(position, other, from) => {
                let other = other.get(inputs);
                let at = at(position);
                data.truncate(at);
                data.extend(&other[from % (other.len() + 1)..]);
            }
        }
    }
    data.truncate(MAX_LEN);
    data
}

/// The files of a target in `folder`, in the order of their names.
fn inputs(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("it can be read")).collect()
}

/// Inputs by the names of threads. A panic in the filter ends the process on a thread of the emulator's,
/// which has the name of the test's.
static INPUTS: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());

fn this_thread() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

fn show_input_of_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let input = INPUTS.lock().ok().and_then(|inputs| inputs.get(&this_thread()).cloned());
            eprintln!("the input: b\"{}\"", input.unwrap_or_default().escape_ascii());
            hook(info);
        }));
    });
}

fn run(target: Target, input: &[u8]) {
    INPUTS.lock().expect("no panic holds it").insert(this_thread(), input.to_vec());
    target(input);
}

fn holds_for(name: &str) {
    show_input_of_panics();
    let (_, target) = TARGETS.iter().find(|(other, _)| *other == name).expect("a target");
    let inputs = [inputs("corpus", name), inputs("regressions", name)].concat();
    assert!(!inputs.is_empty(), "{name} has no corpus");
    inputs.iter().for_each(|input| run(*target, input));
    let config = Config { cases: MUTATIONS, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (any::<prop::sample::Index>(), changes());
    let result = runner.run(&strategy, |(index, changes)| {
        run(*target, &changed(&inputs, index.get::<Vec<u8>>(&inputs), &changes));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

macro_rules! holds_for {
    ($($name:ident),+ $(,)?) => {
        /// The targets that have a test.
        const TESTED: &[&str] = &[$(stringify!($name)),+];

        mod what_must_hold_holds_for {
            $(#[test] fn $name() { super::holds_for(stringify!($name)); })+
        }
    };
}

holds_for! {
    answer,
    capture,
    cell,
    credential,
    date,
    document,
    header_map,
    import_kong,
    import_tencent,
    log,
    management,
    ratelimit,
    request,
    route,
    string_to_sign,
}

/// The names of what is in a folder of this crate, without their extensions.
fn names(folder: &str) -> Vec<String> {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let names = paths.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn every_target_is_tested_and_has_a_corpus_and_a_program_for_libfuzzer() {
    let targets = TARGETS.map(|(name, _)| name);
    assert_eq!(TESTED, targets);
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("libfuzzer/targets"), targets);
    for folder in ["regressions", "dictionaries"] {
        let other: Vec<String> = names(folder);
        let other = other.into_iter().filter(|name| !targets.contains(&name.as_str()));
        assert_eq!(other.collect::<Vec<_>>(), [""; 0], "{folder}");
    }
}
