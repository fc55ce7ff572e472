//! Asking the engine, and hearing its answers.

use super::{Asker, OfLimit, View};
use crate::fleet::ask::{Answer, Answered, Ask, CounterId, Ticket, Wake};
use crate::fleet::breaker::{Change, Phase};
use crate::fleet::entries::entries;
use crate::fleet::event::What;
use crate::fleet::terms::{InFlight, Meaning, Request, Terms};
use crate::limit::calendar::Span;
use crate::limit::{Pool, Store};
use crate::timestamp::Timestamp;

// === impl Asker ===

impl Asker {
    /// What to ask now, and what follows from not asking it.
    #[cold]
    pub fn asks(&mut self, now: Timestamp, store: &impl Store) -> (Vec<Ask>, Answered) {
        let (mut asks, mut wakes) = (Vec::new(), Vec::new());
        let listed = self.listed.len();
        let phase = if listed == 0 { Phase::Closed } else { self.breaker.phase(store, now) };
        self.is_blocked = phase != Phase::Closed;
        if !self.is_blocked {
            for place in std::mem::take(&mut self.listed) {
                self.ask_for(place, now, store, &mut asks, &mut wakes);
            }
        } else {
            self.wake_all(now, &mut wakes);
            if phase == Phase::Due && self.breaker.is_tried(store, now, self.timeout) {
                self.try_engine(now, &mut asks);
            }
        }
        (asks, self.answer(wakes))
    }

    /// Hears what the engine answered.
    #[cold]
    pub fn answered(
        &mut self,
        ticket: Ticket,
        answer: Answer,
        now: Timestamp,
        store: &impl Store,
    ) -> Answered {
        let mut wakes = Vec::new();
        let place = usize::try_from(ticket.supply).unwrap_or(usize::MAX);
        let asked = self.supplies.get(place).and_then(|of_limit| of_limit.supply.in_flight);
        // An answer that comes after its ask was given up means nothing: its tokens are lost.
        let Some(asked) = asked.filter(|asked| asked.serial == ticket.serial) else {
            return self.answer(wakes);
        };
        let is_try = self.tries == Some(ticket.serial);
        if is_try {
            self.tries = None;
        }
        match self.breaker.hear(store, now, answer != Answer::Failed, is_try) {
            Some(Change::Opened) => {
                self.note(None, None, What::BreakerOpened, 1);
                self.is_blocked = true;
                self.wake_all(now, &mut wakes);
            }
            Some(Change::Closed) => self.note(None, None, What::BreakerClosed, 1),
            None => {}
        }
        self.hear(place, asked, answer, now, store, &mut wakes);
        self.answer(wakes)
    }

    /// Asks for one supply, or wakes those who wait for what is there.
    fn ask_for(
        &mut self,
        place: usize,
        now: Timestamp,
        store: &impl Store,
        asks: &mut Vec<Ask>,
        wakes: &mut Vec<(CounterId, Wake)>,
    ) {
        self.write_off(place, now, store);
        let Some(View { id, plan, limit, terms, counter, supply, .. }) = self.view(place) else { return };
        supply.is_listed = false;
        let pool = counter.pool(limit, now).into_owned();
        match supply.next(terms, &pool, now).filter(|_| limit.unit(pool.span).is_some()) {
            Some(Request::Debt(hits)) => {
                // It is out of the cell while it is asked about, so that no other worker reports it too.
                let mut taken = 0;
                let changed = counter.change_pool(store, limit, now, &mut |pool| {
                    taken = u32::try_from(pool.debt).unwrap_or(u32::MAX).min(hits);
                    pool.debt = pool.debt.saturating_sub(taken.into());
                });
                self.note(Some(plan), None, What::DebtWrittenOff, changed.unwrap_or(0));
                if changed.is_some() && taken > 0 {
                    asks.extend(self.ask(place, Request::Debt(taken), pool.span, now));
                }
            }
            Some(request) => asks.extend(self.ask(place, request, pool.span, now)),
            // Where they lack tokens of another limit too, the answer to that ask wakes them. They would only
            // ask to be woken again.
            None if supply.is_served(&pool, terms.max) && !self.is_asked_for(id, now) => {
                wakes.push((id, Wake::CountAgain));
            }
            None => {}
        }
    }

    /// Gives up the debt of a period that is over, which stays in the cell until something writes there.
    fn write_off(&mut self, place: usize, now: Timestamp, store: &impl Store) {
        let Some(View { plan, limit, counter, .. }) = self.view(place) else { return };
        if counter.has_past_debt(limit, now) {
            let written_off = counter.change_pool(store, limit, now, &mut |_| {});
            self.note(Some(plan), None, What::DebtWrittenOff, written_off.unwrap_or(0));
        }
    }

    /// Whether an ask is in flight for any limit of a counter.
    fn is_asked_for(&self, id: CounterId, now: Timestamp) -> bool {
        let first = self.counters.get(id.place()).map_or(usize::MAX, |counted| counted.first);
        let of_counter = self.supplies.iter().skip(first).take_while(|of_limit| of_limit.counter == id);
        { of_counter }.any(|of_limit| !of_limit.supply.is_free(now))
    }

    /// Asks for one of those that want to ask what is left, to see whether the engine is back.
    fn try_engine(&mut self, now: Timestamp, asks: &mut Vec<Ask>) {
        for place in self.listed.clone() {
            let Some(View { limit, counter, supply, .. }) = self.view(place) else { continue };
            let span = counter.pool(limit, now).span;
            if supply.is_free(now) && limit.unit(span).is_some() {
                asks.extend(self.ask(place, Request::Look, span, now));
                self.tries = Some(self.serial);
                return;
            }
        }
    }

    /// Makes an ask, and remembers it.
    fn ask(&mut self, place: usize, request: Request, span: Span, now: Timestamp) -> Option<Ask> {
        self.serial = self.serial.wrapping_add(1);
        let serial = self.serial;
        let View { description, limit, terms, supply, .. } = self.view(place)?;
        supply.send(terms, (serial, request, span), now);
        Some(Ask {
            ticket: Ticket { supply: u32::try_from(place).unwrap_or(u32::MAX), serial, span },
            entries: entries(&description.plan, &description.part, limit, span),
            limit: limit.max(),
            unit: limit.unit(span)?,
            hits: request.hits(),
        })
    }

    /// Hears what one ask was answered.
    fn hear(
        &mut self,
        place: usize,
        asked: InFlight,
        answer: Answer,
        now: Timestamp,
        store: &impl Store,
        wakes: &mut Vec<(CounterId, Wake)>,
    ) {
        let Some(View { id, plan, description, limit, terms, name, counter, supply }) = self.view(place)
        else {
            return;
        };
        let (mut meaning, mut written_off) = (Meaning::Failed, 0);
        // A call that failed changes no pool, unless debt is to be made again.
        if answer != Answer::Failed || matches!(asked.request, Request::Debt(_)) {
            let changed = counter.change_pool(store, limit, now, &mut |pool| {
                meaning = supply.answered(terms, asked, answer, pool, now);
            });
            match changed {
                Some(debt) => written_off = debt,
                None => meaning = Meaning::Failed,
            }
        }
        supply.ended(terms, asked.request, meaning);
        let pool = counter.pool(limit, now);
        let wants = u64::from(supply.waiting) > pool.tokens || supply.is_low(&pool, terms.max);
        let is_served = supply.is_served(&pool, terms.max);
        let used = std::mem::take(&mut supply.used);
        let warnings = reached(description.limits.warn_at(), terms, meaning, &pool);
        let (plan, name) = (Some(plan), Some(name.clone()));
        if wants && !supply.is_listed {
            supply.is_listed = true;
            self.listed.push(place);
        }
        let (call, kind, amount) = match meaning {
            Meaning::Granted(hits) => (What::CallGranted, What::TokensGranted, hits.into()),
            Meaning::Reported(hits) => (What::CallGranted, What::DebtReported, hits.into()),
            Meaning::Looked => (What::CallGranted, What::TokensGranted, 0),
            Meaning::Spent(debt) => (What::CallRefused, What::DebtWrittenOff, debt),
            Meaning::Less => (What::CallRefused, What::TokensLost, 0),
            Meaning::Late(hits) => (What::CallLate, What::TokensLost, hits.into()),
            Meaning::Failed => (What::CallFailed, What::TokensLost, 0),
        };
        let given_up = (What::DebtWrittenOff, written_off);
        for (what, count) in [(call, 1), (kind, amount), (What::TokensUsed, used), given_up] {
            self.note(plan, name.as_ref(), what, count);
        }
        for percent in warnings {
            self.note(plan, name.as_ref(), What::QuotaWarning(percent), 1);
        }
        match meaning {
            Meaning::Failed => wakes.push((id, Wake::Policy)),
            _ if is_served => wakes.push((id, Wake::CountAgain)),
            _ => {}
        }
    }

    /// Lets those who wait be decided without the engine, unless an answer will come for them.
    fn wake_all(&self, now: Timestamp, wakes: &mut Vec<(CounterId, Wake)>) {
        for OfLimit { counter, supply, .. } in &self.supplies {
            let wake = (*counter, Wake::Policy);
            if supply.waiting > 0 && supply.is_free(now) && !wakes.contains(&wake) {
                wakes.push(wake);
            }
        }
    }

    /// What has happened since the last time.
    fn answer(&mut self, mut wakes: Vec<(CounterId, Wake)>) -> Answered {
        wakes.dedup();
        Answered { wakes, events: std::mem::take(&mut self.events) }
    }
}

/// The percents of a quota that were used up by what was just granted. All tokens of a fleet come from one
/// engine, so only one of them all is granted these.
fn reached(warn_at: &[u8], terms: Terms, meaning: Meaning, pool: &Pool) -> Vec<u8> {
    let (Meaning::Granted(hits) | Meaning::Reported(hits), Some(left)) = (meaning, pool.remaining()) else {
        return Vec::new();
    };
    let after = u64::from(terms.max).saturating_sub(left);
    let before = after.saturating_sub(hits.into());
    let part = |percent: u8| u64::from(terms.max).saturating_mul(percent.into()).div_ceil(100);
    let is_reached =
        |percent: &u8| terms.is_quota && (before..after).contains(&part(*percent).saturating_sub(1));
    warn_at.iter().copied().filter(is_reached).collect()
}
