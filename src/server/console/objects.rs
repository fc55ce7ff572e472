//! The document's objects, as every page names and shows them.

mod find;
mod key_state;
mod limits;
mod names;

pub(super) use self::find::{find_key, find_plan, find_service};
pub(super) use self::key_state::State;
pub(super) use self::limits::{limits, per_period, per_second};
pub(super) use self::names::{key_name, key_names, name_of_key, plan_name, plan_tags, service_name};
