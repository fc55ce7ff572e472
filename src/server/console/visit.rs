//! A request of somebody who is signed in.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use usage_plan_core::document::Document;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::Author;
use usage_plan_manage::draft::Draft;
use usage_plan_manage::{Error, Refusal, dates};

use super::clock::{Reader, Zone};
use super::failure;
use super::html::encoded;
use super::session::{Flash, Session, Who};
use super::site::{Console, SESSION};
use super::text::{Language, Text};
use crate::desk::{Done, Read};
use crate::operators::{self, Role};
use crate::peer::Peer;

/// A request of anybody.
pub(super) struct Guest {
    pub(super) reader: Reader,
    pub(super) address: IpAddr,
    /// The path and the query.
    pub(super) here: String,
    /// The id of a session, as it was sent.
    pub(super) session: Option<String>,
}

/// A request of somebody who is signed in.
pub(super) struct Visit {
    pub(super) console: Arc<Console>,
    pub(super) session: Arc<Session>,
    pub(super) role: Role,
    pub(super) reader: Reader,
    pub(super) language: Language,
    pub(super) here: String,
    pub(super) read: Arc<Read>,
    pub(super) now: Timestamp,
    address: IpAddr,
    path: String,
}

/// An answer that ends the handling of a request.
pub(super) struct Stop(Box<Response>);

/// The answer of a handler.
pub(super) type Answer = Result<Response, Stop>;

// === impl Guest ===

impl FromRequestParts<Arc<Console>> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Infallible> {
        let language = cookie(&parts.headers, "usage-plan-language").and_then(Language::of_tag);
        let language = language.unwrap_or_else(|| {
            let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Language::accepted(accepted.unwrap_or_default())
        });
        let zone = cookie(&parts.headers, "usage-plan-zone").and_then(Zone::of_minutes).unwrap_or(Zone::UTC);
        // Without the address of a connection, all count as one address.
        let address = parts.extensions.get::<Peer>();
        let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self {
            reader: Reader { language, zone },
            address,
            here: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            session: cookie(&parts.headers, SESSION).map(str::to_owned),
        })
    }
}

/// The value of a cookie.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
}

/// What somebody who is signed in may do now. An operator who was taken out of the file may do nothing.
fn role(console: &Console, who: &Who) -> Result<Option<Role>, operators::Error> {
    match (who, &console.operators) {
        (Who::Local, _) => Ok(Some(Role::Admin)),
        (Who::Operator(id), Some(known)) => Ok(known.find(id)?.map(|operator| operator.role())),
        (Who::Operator(_), None) => Ok(None),
    }
}

// === impl Visit ===

impl FromRequestParts<Arc<Console>> for Visit {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Stop> {
        let Ok(guest) = Guest::from_request_parts(parts, console).await;
        let now = dates::now();
        let session = guest.session.as_deref().and_then(|id| console.sessions.find(id, now));
        let role = match session.as_deref().map(|session| role(console, &session.who)) {
            Some(Ok(role)) => role,
            Some(Err(error)) => return Err(failure::page(guest.reader, &error.to_string()).into()),
            None => None,
        };
        let Some((session, role)) = session.zip(role) else {
            // Whoever brings a session that there is no longer has been signed out, and reads so.
            let ended = if guest.session.is_some() { "&ended=yes" } else { "" };
            let next = format!("/console/login?next={}{ended}", encoded(&guest.here));
            return Err(Redirect::to(&next).into_response().into());
        };
        let read = match console.desk.read().await {
            Ok(read) => read,
            Err(error) => return Err(failure::page(guest.reader, &format!("{error:?}")).into()),
        };
        Ok(Self {
            console: Arc::clone(console),
            session,
            role,
            language: guest.reader.language,
            reader: guest.reader,
            here: guest.here,
            read,
            now,
            address: guest.address,
            path: parts.uri.path().to_owned(),
        })
    }
}

impl Visit {
    /// The document as it is.
    pub(super) fn document(&self) -> &Document {
        self.read.draft.document()
    }

    /// Whether the operator may change something.
    pub(super) fn may_change(&self) -> bool {
        self.role == Role::Admin
    }

    /// A text in the reader's language.
    pub(super) fn say(&self, text: Text) -> &'static str {
        self.language.say(text)
    }

    /// Edits the document in the operator's name, and waits until Envoys have taken it.
    pub(super) async fn edit<T: Send + 'static>(
        &self,
        edit: impl FnOnce(&mut Draft) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<Result<Done<T>, Refusal>, Stop> {
        let edit = move |draft: &mut Draft| edit(draft).map_err(Error::from);
        match self.console.desk.edit(self.author(), edit).await {
            Ok(done) => Ok(Ok(done)),
            Err(Error::Refused(refusal)) => Ok(Err(*refusal)),
            Err(error) => Err(failure::page(self.reader, &format!("{error:?}")).into()),
        }
    }

    /// In whose name edits are made.
    pub(super) fn author(&self) -> Author {
        Author {
            who: self.session.who.name().to_owned(),
            from: self.address.to_string(),
            what: format!("POST {}", self.path),
        }
    }

    /// Sends the reader to a page that shows a message.
    pub(super) fn leave(&self, to: &str, flash: Flash) -> Answer {
        let number = self.session.leave(flash);
        let separator = if to.contains('?') { '&' } else { '?' };
        Ok(Redirect::to(&format!("{to}{separator}done={number}")).into_response())
    }
}

// === impl Stop ===

impl From<Response> for Stop {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        *self.0
    }
}
