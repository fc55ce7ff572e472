//! The console: what is done with the document, in a browser.
//!
//! | module | |
//! |---|---|
//! | `guard` | the host that is asked, where a change comes from, and the headers of each answer |
//! | `login`, `session`, `link`, `tries` | who is signed in, and how |
//! | `site`, `visit`, `change`, `form` | who asks, and what a form says |
//! | `overview`, `fleet` | what is in force where, and what needs somebody |
//! | `usage`, `chart` | what was used and refused over time, and how that is drawn |
//! | `keys`, `plans`, `services`, `objects` | the pages of the document's objects |
//! | `explain`, `sign`, `activity`, `document` | what is done with all of it |
//! | `refused`, `binding`, `revision` | refusals in words |
//! | `inputs` | fields that say what was typed and what is wrong with it |
//! | `outcome` | what is said after a change |
//! | `html`, `layout`, `parts`, `pages`, `assets`, `failure` | what pages are made of |
//! | `text`, `texts`, `said`, `clock` | texts in each language, and times in the reader's zone |
//!
//! A page is HTML that the server writes, and works without script. What a form does is an operation of
//! [`usage_plan_manage::operations`], as on the command line.

mod activity;
mod assets;
mod binding;
mod change;
mod chart;
mod clock;
mod document;
mod explain;
mod failure;
mod fleet;
mod form;
mod guard;
mod html;
mod inputs;
mod keys;
mod layout;
mod link;
mod login;
mod objects;
mod outcome;
mod overview;
mod pages;
mod parts;
mod plans;
mod refused;
mod revision;
mod said;
mod services;
mod session;
mod sign;
mod site;
mod text;
mod texts;
mod tries;
mod usage;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

pub use self::site::{Console, Options};

/// Everything below `/console`.
pub fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/console/login", get(login::form).post(login::sign_in))
        .route("/console/logout", post(login::sign_out))
        .route("/console/open/{token}", get(login::open))
        .route("/console/language/{tag}", get(login::language))
        .route("/console/assets/{name}", get(assets::asset))
        .merge(overview::routes())
        .merge(keys::routes())
        .merge(plans::routes())
        .merge(services::routes())
        .merge(explain::routes())
        .merge(sign::routes())
        .merge(activity::routes())
        .merge(document::routes())
        .layer(from_fn_with_state(Arc::clone(&console), guard::guard))
        .with_state(console)
}

#[cfg(test)]
mod tests;
