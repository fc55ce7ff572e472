//! `make timing`.

use std::process::ExitCode;

use timing::experiment::{Action, run};
use timing::question::QUESTIONS;
use timing::subject::{Kind, Subject};

const USAGE: &str = "\
usage: timing MEASUREMENTS

Decides on so many requests for each question, and says whether their times distinguish two kinds of them.";

fn main() -> ExitCode {
    let measurements = std::env::args().nth(1).and_then(|measurements| measurements.parse().ok());
    let Some(measurements) = measurements.filter(|_| std::env::args().len() == 2) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let subject = Subject::new();
    let wrong = Kind::WrongSignature;
    let mac = run(&subject, [(Action::Decide, wrong), (Action::DecideAndMac, wrong)], measurements);
    println!("{measurements} measurements each; a MAC takes {:.0} ns", mac.difference);
    println!("{:<58} {:>6} {:>10}", "", "|t|", "difference");
    let mut holds = true;
    for question in QUESTIONS {
        let found = run(&subject, question.classes, measurements);
        let is_wanted = question.is_answered_as_wanted(found, mac.difference);
        holds &= is_wanted;
        let says = if is_wanted { question.wanted.text() } else { "NOT AS IT MUST BE" };
        println!("{:<58} {:>6.1} {:>7.1} ns  {says}", question.text, found.t, found.difference);
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
