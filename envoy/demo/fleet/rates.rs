//! One rate over two Envoys, however the load is split; and two rates, where each counts for itself.

use std::collections::BTreeMap;
use std::time::Duration;

use testbed::busiest::SECOND;
use testbed::{Entry, Error, Flood, Result, Sample, Target, flood};

use super::Fleet;
use super::plans::LIMIT;

/// How long a flood goes on, and how many times the limit it sends.
const FLOOD: (Duration, usize) = (Duration::from_millis(3300), 3);

/// The splits of the load, in percent.
const SPLITS: [[usize; 2]; 2] = [[50, 50], [90, 10]];

impl Fleet<'_> {
    pub(super) fn share_rate(&mut self) -> Result<()> {
        self.command_line.step("One rate over both: 400 a second, however the load is split")?;
        for split in SPLITS {
            let log = self.overload(split)?;
            let (busiest, offered) = busiest(&log);
            let claim = format!("no second of the clock admitted more than {LIMIT} over both");
            self.claim(busiest <= LIMIT, claim, format_args!("{busiest}"));
            // How much a machine can send is no claim about the filter.
            if offered >= LIMIT * 2 {
                let claim =
                    format!("the busiest admitted {busiest}: nothing that matters is lost between them");
                self.claim(busiest >= LIMIT * 9 / 10, claim, busiest);
            } else {
                self.command_line.story.say("this machine is busy: it sent fewer calls than planned");
            }
        }
        Ok(())
    }

    pub(super) fn count_alone(&mut self) -> Result<()> {
        self.command_line.step("The same, where each counts for itself: twice the rate")?;
        self.count_rates("local")?;
        let log = self.overload(SPLITS[0])?;
        let (busiest, offered) = busiest(&log);
        if offered >= LIMIT * 2 {
            let claim =
                format!("the busiest second admitted {busiest} over both: that is what the engine is for");
            self.claim(busiest > LIMIT, claim, busiest);
        } else {
            self.command_line.story.say("this machine is busy: it sent fewer calls than planned");
        }
        self.count_rates("fleet")
    }

    /// Three times the plan's rate for some seconds; what both logs have of it.
    fn overload(&mut self, split: [usize; 2]) -> Result<Vec<Entry>> {
        let (duration, times) = FLOOD;
        let request = self.signed("gold");
        let samples = std::thread::scope(|scope| {
            let flooding = [0, 1].map(|number| {
                let target = Target::new(self.members[number].envoy.ingress(), &request);
                let load = Flood::of(duration).rate((LIMIT * times * split[number]) as f64 / 100.0);
                scope.spawn(move || flood(&[target], &load))
            });
            let [one, two] = flooding.map(|calls| calls.join().map_err(|_| Error::new("a caller panicked")));
            Ok::<_, Error>([one??, two??])
        })?;
        let passed: Vec<usize> = samples.iter().map(|samples| with_status(samples, 200)).collect();
        let sent: usize = samples.iter().map(Vec::len).sum();
        self.command_line.story.show(format_args!(
            "{} % and {} % of {sent} calls in {duration:?}: {} and {} passed",
            split[0], split[1], passed[0], passed[1]
        ));
        let answered: usize = samples.iter().map(|samples| with_status(samples, 429)).sum();
        let all = answered + passed.iter().sum::<usize>();
        self.claim(all == sent, "every call is answered, 200 or 429", all);
        let mut log = Vec::new();
        for (member, samples) in self.members.iter_mut().zip(&samples) {
            log.extend(member.log(samples.len())?);
        }
        Ok(log)
    }
}

fn with_status(samples: &[Sample], status: u16) -> usize {
    samples.iter().filter(|sample| sample.status == status).count()
}

/// How many were certainly admitted in the busiest second of the clock, and how many came in it.
fn busiest(log: &[Entry]) -> (usize, usize) {
    let mut seconds: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for entry in log {
        let [first, last] = [entry.decided.earliest, entry.decided.latest].map(|time| time / SECOND);
        if first == last {
            let second = seconds.entry(first).or_default();
            second.0 += usize::from(entry.admitted());
            second.1 += 1;
        }
    }
    seconds.into_values().max().unwrap_or_default()
}
