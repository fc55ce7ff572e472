//! A step of time as bytes: its marks, the words and names in it, and its numbers, as short as they can be.
//!
//! Every number is a LEB128: seven bits in a byte, the lowest first; the eighth bit says that more follow.

use std::collections::BTreeMap;

use super::slot::{Amount, Kind, Series, Slot};

/// How many bytes a step has, at most.
pub(super) const MAX_BYTES: usize = 8 << 10;

const KINDS: [Kind; 4] = [Kind::All, Kind::Plan, Kind::Key, Kind::Quota];

/// What was counted in a step of time, as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View<'b> {
    /// How many answers of Envoys are in it.
    pub answers: u64,
    /// How often an Envoy did not answer, or what it counted cannot be said for this step.
    pub misses: u64,
    /// How often an Envoy had begun to count anew.
    pub restarts: u64,
    /// What was counted: of what, its name, the word, and how much.
    pub amounts: Vec<(Kind, &'b str, &'b str, Amount)>,
}

/// The bytes of a step. Of one that is too large, the plans and keys that count least are left out.
pub(super) fn encode(mut slot: Slot) -> Vec<u8> {
    for share in [1, 2, 4, 8, 16, usize::MAX] {
        slot.cut(share);
        let bytes = encode_all(&slot);
        if bytes.len() <= MAX_BYTES {
            return bytes;
        }
    }
    // Only somebody who makes up metrics has so many words.
    encode_all(&Slot { amounts: BTreeMap::new(), ..slot })
}

fn encode_all(slot: &Slot) -> Vec<u8> {
    let mut texts: BTreeMap<&str, u64> = BTreeMap::new();
    for series in slot.amounts.keys() {
        texts.insert(&series.name, 0);
        texts.insert(&series.word, 0);
    }
    let mut bytes = Vec::new();
    for number in [slot.answers, slot.misses, slot.restarts, texts.len() as u64] {
        push(&mut bytes, number);
    }
    for (index, (text, place)) in texts.iter_mut().enumerate() {
        *place = index as u64;
        push(&mut bytes, text.len() as u64);
        bytes.extend(text.as_bytes());
    }
    push(&mut bytes, slot.amounts.len() as u64);
    for (series, amount) in &slot.amounts {
        let kind = KINDS.iter().position(|kind| *kind == series.kind).unwrap_or_default() as u64;
        let place = |text: &str| texts.get(text).copied().unwrap_or_default();
        for number in [kind, place(&series.name), place(&series.word), amount.calls, amount.peak] {
            push(&mut bytes, number);
        }
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take_size(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(take(bytes)?).ok()
}

// === impl View ===

impl<'b> View<'b> {
    /// Reads bytes; `None` if they are not a step's.
    pub(super) fn of(mut bytes: &'b [u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let (answers, misses, restarts) = (take(bytes)?, take(bytes)?, take(bytes)?);
        let mut texts: Vec<&'b str> = Vec::new();
        for _ in 0..take_size(bytes)? {
            let length = take_size(bytes)?;
            let (text, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            texts.push(std::str::from_utf8(text).ok()?);
        }
        let mut amounts = Vec::new();
        for _ in 0..take_size(bytes)? {
            let kind = *KINDS.get(take_size(bytes)?)?;
            let (name, word) = (*texts.get(take_size(bytes)?)?, *texts.get(take_size(bytes)?)?);
            amounts.push((kind, name, word, Amount { calls: take(bytes)?, peak: take(bytes)? }));
        }
        bytes.is_empty().then_some(Self { answers, misses, restarts, amounts })
    }

    /// The same, to be added to.
    pub(super) fn to_slot(&self) -> Slot {
        let amounts = self.amounts.iter();
        let amounts = amounts.map(|(kind, name, word, amount)| (Series::new(*kind, name, word), *amount));
        let Self { answers, misses, restarts, .. } = *self;
        Slot { answers, misses, restarts, amounts: amounts.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::slot::ADMITTED;
    use super::*;

    fn slot() -> Slot {
        let amount = |calls, peak| Amount { calls, peak };
        let amounts = [
            (Series::new(Kind::All, "", "allowed"), amount(300, 127)),
            (Series::new(Kind::Plan, "gold", ADMITTED), amount(u64::MAX, 128)),
            (Series::new(Kind::Key, "AKIDacme", "rate_limited"), amount(0, 0)),
            (Series::new(Kind::Quota, "gold", "day"), amount(0, 1 << 40)),
        ];
        Slot { answers: 12, misses: 1, restarts: 0, amounts: amounts.into() }
    }

    #[test]
    fn a_step_is_read_back_as_it_was_written() {
        for slot in [slot(), Slot::default()] {
            let bytes = encode(slot.clone());
            assert_eq!(View::of(&bytes).expect("a step").to_slot(), slot);
        }
    }

    #[test]
    fn bytes_that_are_cut_off_or_go_on_are_no_step() {
        let bytes = encode(slot());
        for end in 0..bytes.len() {
            assert_eq!(View::of(&bytes[..end]), None, "{end}");
        }
        assert_eq!(View::of(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(View::of(&[0xff; 20]), None);
    }

    #[test]
    fn a_step_has_a_bound_whatever_envoys_say() {
        let mut slot = slot();
        for n in 0..1000 {
            let name = format!("{n:064}");
            slot.amounts.insert(Series::new(Kind::Plan, &name, ADMITTED), Amount { calls: n + 1, peak: 1 });
        }
        let bytes = encode(slot.clone());
        assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
        let read = View::of(&bytes).expect("a step");
        assert!(read.amounts.len() > 40, "{}", read.amounts.len());
        assert!(read.amounts.iter().any(|(kind, ..)| *kind == Kind::All));
        for n in 0..1000 {
            slot.amounts.insert(Series::new(Kind::All, "", &format!("{n:064}")), Amount::default());
        }
        let bytes = encode(slot);
        assert_eq!(View::of(&bytes).map(|view| (view.answers, view.amounts.len())), Some((12, 0)));
    }
}
