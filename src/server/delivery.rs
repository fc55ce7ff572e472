//! What Envoys did with a document that was published.

use std::time::Duration;

/// How many Envoys are named in a sentence.
const NAMED: usize = 3;

/// What Envoys did with a document that was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The version under which Envoys have it; none when it was not published.
    pub version: Option<String>,
    /// Each Envoy that was given it, with its answer.
    pub envoys: Vec<Answer>,
    /// Why it was not published, or not everywhere.
    pub problem: Option<String>,
    /// Whether Envoys that start now get the document before it, because this one was refused.
    pub is_put_back: bool,
}

/// An Envoy, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The Envoy: the address of its admin interface, or the id of its node.
    pub envoy: String,
    /// What it did.
    pub taken: Taken,
}

/// What an Envoy did with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in force: after this time, or at once when it already was.
    InForce(Duration),
    /// The Envoy refuses it; why, as far as it says.
    Refused(String),
    /// The Envoy did not answer in time; what is known of that.
    Silent(String),
}

// === impl Delivery ===

impl Delivery {
    /// Whether an Envoy refuses the document.
    pub fn is_refused(&self) -> bool {
        self.envoys.iter().any(|answer| matches!(answer.taken, Taken::Refused(_)))
    }

    /// What somebody must know who made the edit, in sentences. None when every Envoy that was asked has the
    /// document in force. The edit is made in any case.
    pub fn trouble(&self) -> Option<String> {
        let refused = self.list(|taken| match taken {
            Taken::Refused(why) => Some(why),
            Taken::InForce(_) | Taken::Silent(_) => None,
        });
        let silent = self.list(|taken| match taken {
            Taken::Silent(why) => Some(why),
            Taken::InForce(_) | Taken::Refused(_) => None,
        });
        let put_back = if self.is_put_back {
            "; the document before it stays in force, also for Envoys that start now"
        } else {
            ""
        };
        let count = self.envoys.len();
        let sentences: Vec<String> = [
            self.problem.as_ref().map(|why| format!("the document is not published: {why}")),
            refused.map(|(n, who)| format!("{n} of {count} Envoys refused the document{put_back}: {who}")),
            silent.map(|(n, who)| format!("{n} of {count} Envoys did not answer in time: {who}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!sentences.is_empty()).then(|| format!("the edit is made, but {}", sentences.join("; ")))
    }

    /// How many Envoys answered so, and the first of them with what they said.
    fn list(&self, why: impl Fn(&Taken) -> Option<&String>) -> Option<(usize, String)> {
        let found = self.envoys.iter().filter_map(|answer| Some((&answer.envoy, why(&answer.taken)?)));
        let found: Vec<String> = found.map(|(envoy, why)| format!("{envoy}: {why}")).collect();
        let more = match found.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let named = found.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
        (!found.is_empty()).then(|| (found.len(), named + &more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(taken: Vec<Taken>) -> Delivery {
        let envoys = taken.into_iter().zip(1..);
        let envoys = envoys.map(|(taken, number)| Answer { envoy: format!("envoy-{number}"), taken });
        Delivery { version: Some("1".to_owned()), envoys: envoys.collect(), ..Delivery::default() }
    }

    #[test]
    fn a_document_that_is_in_force_everywhere_is_no_trouble() {
        assert_eq!(Delivery::default().trouble(), None);
        assert_eq!(delivery(vec![Taken::InForce(Duration::ZERO)]).trouble(), None);
    }

    #[test]
    fn trouble_says_how_many_envoys_what_the_first_of_them_said_and_that_the_edit_is_made() {
        let silent = || Taken::Silent("no answer for 10s".to_owned());
        let mut mixed = delivery(vec![
            Taken::InForce(Duration::ZERO),
            Taken::Refused("no such module".to_owned()),
            silent(),
            silent(),
            silent(),
            silent(),
        ]);
        assert_eq!(
            mixed.trouble().as_deref(),
            Some(
                "the edit is made, but 1 of 6 Envoys refused the document: envoy-2: no such module; 4 of 6 Envoys did \
                 not answer in time: envoy-3: no answer for 10s; envoy-4: no answer for 10s; envoy-5: no answer for \
                 10s; and 1 more"
            )
        );
        mixed.envoys.truncate(2);
        mixed.is_put_back = true;
        assert!(mixed.trouble().expect("trouble").contains("the document before it stays in force"));
        assert!(mixed.is_refused());
    }
}
