//! Limits that an engine counts for several Envoys: a request takes a token of each, or of none.

use std::borrow::Cow;

use super::super::calendar::Span;
use super::super::check::Check;
use super::super::decision::{Decision, Decisions};
use super::super::limits::{Balance, LimitKind, Limits, Pooled, Scope};
use super::super::pool::{Pool, PoolCheck, PoolEntry};
use super::{CounterState, Usage, Violation};
use crate::timestamp::Timestamp;

/// What pools say to a request.
#[derive(Debug, Default)]
pub(in crate::limit) struct PoolsChecked {
    /// Whether a pool is of a time that is more than a second after the request.
    pub(in crate::limit) starts_afresh: bool,
    /// Why the request is not admitted; `None` if it is, or if that is not known.
    pub(in crate::limit) violation: Option<Violation>,
    /// Whether a pool has no token, and the engine may have some.
    pub(in crate::limit) lacks: bool,
    /// What decided in place of the engine.
    pub(in crate::limit) decisions: Decisions,
}

// === impl CounterState ===

impl CounterState {
    /// Whether every pool has a token for a request. Without the engine, what lacks one is decided by the
    /// plan's policy; so is always what the engine cannot count. Changes nothing.
    pub(in crate::limit) fn check_pools(
        &self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
        without_engine: bool,
    ) -> PoolsChecked {
        let mut checked = PoolsChecked::default();
        for (_, limit) in limits.pooled_in_force(api) {
            let pool = self.pool_at(limit, now);
            match pool.check(limit) {
                PoolCheck::HasToken => {}
                PoolCheck::Spent => checked.refuse(limit, pool.span.end),
                PoolCheck::Lacks => self.check_lacking(&pool, limit, now, without_engine, &mut checked),
            }
        }
        checked
    }

    /// Decides on a limit of which there is no token.
    #[cold]
    fn check_lacking(
        &self,
        pool: &Pool,
        limit: Pooled<'_>,
        now: Timestamp,
        without_engine: bool,
        checked: &mut PoolsChecked,
    ) {
        checked.starts_afresh |= self.pool(limit).is_some_and(|pool| pool.is_ahead_of(limit, now));
        if !without_engine && limit.unit(pool.span).is_some() {
            checked.lacks = true;
            return;
        }
        let LimitKind::Window(kind) = limit.limit.kind else {
            let is_left = pool.grace_used < limit.grace();
            checked.decisions.add(if is_left { limit.decision() } else { Decision::Deny });
            return;
        };
        let Some(window) = limit.window_alone() else { return checked.decisions.add(Decision::Deny) };
        checked.decisions.add(limit.decision());
        if let Some(Usage::Window(used)) = self.entry(limit.scope, LimitKind::Window(kind))
            && let Check::Refused { retry_at } = used.check(window, now)
        {
            checked.refuse(limit, retry_at);
        }
    }

    /// Takes a token of every pool for a request that was admitted at the same time, or makes debt where
    /// there is none. Returns how much debt that is, and how much debt of spans that are over is given up.
    pub(in crate::limit) fn take(
        &mut self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> (u32, u64) {
        let (mut debt, mut written_off) = (0_u32, 0_u64);
        for (_, limit) in limits.pooled_in_force(api) {
            let over = self.change_pool(limit, now, |pool| match pool.tokens.checked_sub(1) {
                Some(rest) => pool.tokens = rest,
                None if limit.period().is_some() => {
                    pool.debt = pool.debt.saturating_add(1);
                    pool.grace_used = pool.grace_used.saturating_add(1);
                    debt = debt.saturating_add(1);
                }
                None => {}
            });
            written_off = written_off.saturating_add(over);
        }
        (debt, written_off)
    }

    /// The pool of a limit, if there is one.
    #[inline]
    fn pool(&self, limit: Pooled<'_>) -> Option<&Pool> {
        self.pools.iter().find(|entry| entry.is_of(limit)).map(|entry| &entry.pool)
    }

    /// Whether the pool of a limit has debt of a span that is over.
    pub(in crate::limit) fn has_past_debt(&self, limit: Pooled<'_>, now: Timestamp) -> bool {
        self.pool(limit).is_some_and(|pool| pool.debt > 0 && !pool.is_current(limit, now))
    }

    /// Changes the pool of a limit as it is at `now`. Returns the debt of the span before,
    /// if that is over: it is given up.
    #[inline]
    pub(in crate::limit) fn change_pool(
        &mut self,
        limit: Pooled<'_>,
        now: Timestamp,
        change: impl FnOnce(&mut Pool),
    ) -> u64 {
        match self.pools.iter_mut().find(|entry| entry.is_of(limit)) {
            Some(entry) => {
                let mut written_off = 0;
                if !entry.pool.is_current(limit, now) {
                    written_off = entry.pool.debt;
                    entry.pool = Pool::new(limit.span_at(now));
                }
                change(&mut entry.pool);
                written_off
            }
            None => {
                let mut pool = Pool::new(limit.span_at(now));
                change(&mut pool);
                self.pools.push(PoolEntry { scope: limit.scope, of: limit.period(), pool });
                0
            }
        }
    }

    /// Removes the pools that have no limit here and whose time is over. Returns their debt.
    #[inline(never)]
    pub(super) fn forget_pools(&mut self, limits: &Limits, now: Timestamp) -> u64 {
        let is_wanted = |entry: &PoolEntry| limits.pooled().any(|limit| entry.is_of(limit));
        let gone = self.pools.extract_if(.., |entry| entry.pool.span.end <= now && !is_wanted(entry));
        gone.map(|entry| entry.pool.debt).fold(0, u64::saturating_add)
    }

    /// Adds the balance of each limit of a scope: of a rate, with what the engine has left of it.
    pub(in crate::limit) fn add_balances<'l>(
        &self,
        balances: &mut Vec<Balance<'l>>,
        limits: &'l Limits,
        scope: &'l Scope,
        now: Timestamp,
    ) {
        for limit in &scope.limits {
            let mut balance = self.balance(scope.id, limit, now);
            if let Some(rate) = limits.pooled_rate_of(scope).filter(|_| !balance.is_quota) {
                balance.remaining = balance.remaining.min(self.pool_at(rate, now).left(rate));
            }
            balances.push(balance);
        }
        for limit in limits.pooled_of(scope) {
            let LimitKind::Quota(quota) = limit.limit.kind else { continue };
            let pool = self.pool_at(limit, now);
            let Span { start, end } = pool.span;
            // The policy of a quota says how long its period is, also after a reset.
            let is_cut = start == limit.counts_from(now);
            let length = || end.saturating_since(if is_cut { quota.period_at(now).start } else { start });
            let is_renewed = end != Timestamp::NEVER;
            balances.push(Balance {
                name: &limit.limit.name,
                is_quota: true,
                limit: quota.max_requests,
                window: is_renewed.then(length),
                remaining: pool.left(limit),
                renewed_at: is_renewed.then_some(end),
            });
        }
    }

    /// The balance of every limit, also of those that are not in force together. An API's limit has the
    /// index of its API.
    pub(in crate::limit) fn all_balances<'l>(
        &self,
        limits: &'l Limits,
        now: Timestamp,
    ) -> Vec<(Option<usize>, Balance<'l>)> {
        let of_scope = |(api, scope)| {
            let mut balances = Vec::new();
            self.add_balances(&mut balances, limits, scope, now);
            balances.into_iter().map(move |balance| (api, balance))
        };
        limits.by_api().flat_map(of_scope).collect()
    }

    /// The pool of a limit at `now`.
    #[inline]
    pub(in crate::limit) fn pool_at(&self, limit: Pooled<'_>, now: Timestamp) -> Cow<'_, Pool> {
        match self.pool(limit) {
            Some(pool) if pool.is_current(limit, now) => Cow::Borrowed(pool),
            _ => Cow::Owned(Pool::new(limit.span_at(now))),
        }
    }
}

// === impl PoolsChecked ===

impl PoolsChecked {
    #[cold]
    fn refuse(&mut self, limit: Pooled<'_>, retry_at: Timestamp) {
        let nothing_yet = Violation { of_rate: false, retry_at, limits: Vec::new() };
        let violation = self.violation.get_or_insert(nothing_yet);
        violation.of_rate |= limit.period().is_none();
        violation.retry_at = violation.retry_at.max(retry_at);
        violation.limits.push(limit.name().to_owned());
    }

    /// Adds what the limits of this Envoy alone refuse. A limit that both refuse is named once.
    pub(in crate::limit) fn add(&mut self, other: Option<Violation>) {
        let (Some(violation), Some(other)) = (&mut self.violation, &other) else {
            self.violation = self.violation.take().or(other);
            return;
        };
        violation.of_rate |= other.of_rate;
        violation.retry_at = violation.retry_at.max(other.retry_at);
        let is_new = |name: &&String| !violation.limits.contains(name);
        let new: Vec<String> = other.limits.iter().filter(is_new).cloned().collect();
        violation.limits.extend(new);
    }
}
