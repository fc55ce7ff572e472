//! The management API: the actions of the cloud product's API on the document, for scripts and SDKs.
//!
//! | module | |
//! |---|---|
//! | `api` | who asks, whether it is taken, and what is answered |
//! | `http`, `wire`, `authorization`, `signature` | a request: whose it is |
//! | `remembered` | signatures that were used |
//! | `parameters`, `page`, `check` | its parameters |
//! | `action`, `table` | an action; all of them, by name |
//! | `scene`, `edit` | what an action sees, and what it edits |
//! | `keys`, `plans`, `bindings`, `services`, `environments`, `domains`, `tags` | the actions |
//! | `elsewhere` | the actions that have no counterpart |
//! | `show`, `show_service`, `failure` | objects and refusals in the words of the API |

mod action;
mod api;
mod authorization;
mod bindings;
mod check;
mod domains;
mod edit;
mod elsewhere;
mod environments;
mod failure;
mod http;
mod keys;
mod options;
mod page;
mod parameters;
mod plans;
mod remembered;
mod scene;
mod services;
mod show;
mod show_service;
mod signature;
mod table;
mod tags;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;

pub use self::api::Management;
pub(crate) use self::http::too_long;
pub use self::options::Options;

/// The one path of the API.
pub(crate) const PATH: &str = "/";

/// The route of an API. It needs the extension [`Peer`](crate::peer::Peer).
pub fn router(management: Arc<Management>) -> Router {
    Router::new().route(PATH, any(http::respond)).with_state(management)
}

#[cfg(test)]
mod tests;
