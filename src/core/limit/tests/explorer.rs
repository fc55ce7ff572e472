//! Tries every order in which the calls of all workers and the events can happen.
//!
//! A schedule is a path through states. Schedules that lead to the same state go on alike, so each state is
//! followed once. No schedule is left out, and none is drawn by lot.

use std::collections::HashMap;

use super::world::{State, Step, World};

/// What was explored, all of which kept the promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Explored {
    /// The orders in which everything can happen.
    pub(super) schedules: u64,
    /// The different states that these lead through.
    pub(super) states: usize,
}

/// A schedule that breaks the promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) how: String,
    pub(super) schedule: Vec<Step>,
}

/// Follows every schedule to its end.
///
/// # Errors
///
/// A schedule breaks the promise.
pub(super) fn explore(world: &World) -> Result<Explored, Broken> {
    let mut explorer = Explorer { world, ends: HashMap::new(), schedule: Vec::new() };
    match explorer.schedules_from(world.begin()) {
        Ok(schedules) => Ok(Explored { schedules, states: explorer.ends.len() }),
        Err(how) => Err(Broken { how, schedule: explorer.schedule }),
    }
}

struct Explorer<'w> {
    world: &'w World,
    /// The number of schedules that begin at each state.
    ends: HashMap<State, u64>,
    /// The steps that led to the state that is followed.
    schedule: Vec<Step>,
}

// === impl Explorer ===

impl Explorer<'_> {
    fn schedules_from(&mut self, state: State) -> Result<u64, String> {
        if let Some(known) = self.ends.get(&state) {
            return Ok(*known);
        }
        let steps = self.world.steps(&state);
        let mut schedules = u64::from(steps.is_empty());
        for step in steps {
            self.schedule.push(step);
            schedules += self.schedules_from(self.world.after(&state, step)?)?;
            self.schedule.pop();
        }
        self.ends.insert(state, schedules);
        Ok(schedules)
    }
}
