//! A real Envoy at full load for a long time, while documents change every second and VMs die.
//!
//! | module | |
//! |---|---|
//! | [`run`] | a run from its begin to its report |
//! | [`stage`], [`director`] | Envoy and the command line; what is changed, published and made to die |
//! | [`load`], [`claim`], [`sample`] | the callers, what a request claims, and its answer |
//! | [`log`], [`event`] | Envoy's log from a pipe, and what the judge hears of |
//! | [`world`], [`history`], [`crashes`] | what a document demands, which one ruled when, what crashed |
//! | [`judge`], [`outages`], [`limits`], [`flat`] | the properties, each a [`check`] |
//! | [`plot`] | memory and descriptors over time |
//!
//! Nothing is asserted of the machine's speed. A request that was under way while something changed may end
//! in either way; whether it was is decided by the times at which it was sent and answered.

pub mod check;
pub mod claim;
pub mod crashes;
pub mod director;
pub mod event;
pub mod flat;
pub mod history;
pub mod judge;
pub mod limits;
pub mod load;
pub mod log;
pub mod outages;
pub mod plot;
pub mod run;
pub mod sample;
pub mod stage;
pub mod world;
