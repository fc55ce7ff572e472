//! Shared queues: what one context puts in, another one hears of, in its own VM.

use std::collections::VecDeque;

use crate::abi::{Answer, Status};

/// A root context of one of the VMs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) vm: u32,
    pub(crate) context: u32,
}

/// All queues of one process. None can be deleted, as in Envoy.
#[derive(Default)]
pub(crate) struct Queues {
    /// A queue's number is its position here, and one more.
    queues: Vec<Queue>,
    /// Whose turn it is to hear of a queue, in this order, and of which.
    ready: VecDeque<(Owner, u32)>,
}

struct Queue {
    name: String,
    owner: Owner,
    items: VecDeque<Vec<u8>>,
}

// === impl Queues ===

impl Queues {
    /// Makes a queue. One that has this name already gets another owner, and keeps what is in it.
    pub(crate) fn register(&mut self, owner: Owner, name: &str) -> u32 {
        let position = self.queues.iter().position(|queue| queue.name == name).unwrap_or_else(|| {
            self.queues.push(Queue { name: name.to_owned(), owner, items: VecDeque::new() });
            self.queues.len() - 1
        });
        self.queues[position].owner = owner;
        position as u32 + 1
    }

    pub(crate) fn enqueue(&mut self, number: u32, item: &[u8]) -> Answer {
        let queue = self.get(number)?;
        queue.items.push_back(item.to_vec());
        let owner = queue.owner;
        self.ready.push_back((owner, number));
        Ok(())
    }

    pub(crate) fn dequeue(&mut self, number: u32) -> Answer<Vec<u8>> {
        self.get(number)?.items.pop_front().ok_or(Status::Empty)
    }

    /// The next context of that VM whose turn it is, and the queue that it hears of.
    pub(crate) fn next_ready(&mut self, vm: u32) -> Option<(u32, u32)> {
        let position = self.ready.iter().position(|(owner, _)| owner.vm == vm)?;
        self.ready.remove(position).map(|(owner, number)| (owner.context, number))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.queues.iter().map(|queue| queue.name.clone()).collect()
    }

    fn get(&mut self, number: u32) -> Answer<&mut Queue> {
        let position = (number as usize).checked_sub(1).ok_or(Status::NotFound)?;
        self.queues.get_mut(position).ok_or(Status::NotFound)
    }
}
