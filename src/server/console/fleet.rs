//! Where the document is in force: one cell for each Envoy, the same in the side column and on the overview.

use maud::{Markup, html};

use super::site::Console;
use super::text::Language;
use super::texts::overview as texts;
use crate::delivery::Taken;

/// An Envoy, and what it has of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The id of its node, or its address.
    pub(super) name: String,
    /// Where it comes from, if that is another word.
    pub(super) address: String,
    /// What it has.
    pub(super) standing: Standing,
}

/// What an Envoy has of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The present document is in force.
    InForce,
    /// It was given the document, and has not answered yet.
    Behind,
    /// It refuses the document; why, in its own words.
    Refused(String),
    /// It does not answer; what is known of that.
    Away(String),
}

/// Every Envoy that this server knows of, in the order of their names.
pub(super) fn members(console: &Console) -> Vec<Member> {
    let publishing = console.desk.publishing();
    let last = publishing.last();
    let mut members: Vec<Member> = Vec::new();
    for subscriber in publishing.subscribers() {
        let address = subscriber.address.to_string();
        let standing = match (&subscriber.refused, &subscriber.in_force) {
            (Some(refused), _) => Standing::Refused(refused.reason.clone()),
            (None, Some((version, _))) if Some(version) == last.version.as_ref() => Standing::InForce,
            (None, _) => Standing::Behind,
        };
        let name = if subscriber.node.is_empty() { address.clone() } else { subscriber.node };
        members.push(Member { name, address, standing });
    }
    for answer in &last.envoys {
        if members.iter().any(|member| member.name == answer.envoy || member.address == answer.envoy) {
            continue;
        }
        let standing = match &answer.taken {
            Taken::InForce(_) => Standing::InForce,
            Taken::Refused(why) => Standing::Refused(why.clone()),
            Taken::Silent(why) => Standing::Away(why.clone()),
        };
        members.push(Member { name: answer.envoy.clone(), address: String::new(), standing });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

/// How many of them have the document in force, in words.
pub(super) fn summary(language: Language, members: &[Member]) -> String {
    if members.is_empty() {
        return language.say(texts::NO_ENVOY).to_owned();
    }
    let taken = members.iter().filter(|member| member.standing == Standing::InForce).count();
    language.fill(texts::IN_FORCE_ON, &[("taken", &taken), ("all", &members.len())])
}

/// A cell for each of them.
pub(super) fn cells(members: &[Member]) -> Markup {
    html! {
        span.fleet {
            @for member in members {
                svg viewBox="0 0 12 12" aria-hidden="true" {
                    @match &member.standing {
                        Standing::InForce => rect.in width="12" height="12" rx="2" {},
                        Standing::Behind => rect.behind x="1" y="1" width="10" height="10" rx="1.5" {},
                        Standing::Away(_) => rect.away x="1" y="1" width="10" height="10" rx="1.5" {},
                        Standing::Refused(_) => {
                            rect.refused width="12" height="12" rx="2" {}
                            path.refused-mark d="m4 4 4 4M8 4 4 8" {}
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_those_that_have_the_document_in_force() {
        let member =
            |name: &str, standing| Member { name: name.to_owned(), address: String::new(), standing };
        let members = [
            member("a", Standing::InForce),
            member("b", Standing::Refused("no".to_owned())),
            member("c", Standing::Behind),
        ];
        assert_eq!(summary(Language::English, &members), "In force on 1 of 3 Envoys");
        assert_eq!(summary(Language::Chinese, &members), "已在 1/3 个 Envoy 上生效");
        assert_eq!(summary(Language::English, &[]), "No Envoy has asked yet");
        let cells = cells(&members).0;
        assert_eq!(cells.matches("<svg").count(), 3);
        assert_eq!(cells.matches("class=\"refused\"").count(), 1);
    }
}
