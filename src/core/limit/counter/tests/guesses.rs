//! How often a VM reads the store, when it writes many cells and when others write, too.

use std::cell::RefCell;

use super::{Cells, Limited, Local, admitted};

/// A plan too small for leases, so that each request writes.
fn plan(name: &str) -> Limited {
    Limited::new(name, 899)
}

fn plans(count: usize) -> Vec<Limited> {
    (0..count).map(|index| plan(&format!("plan/{index}"))).collect()
}

/// A request on each counter in turn: how often the VM read, and how often it tried to write.
fn in_turn(counters: &mut [Limited], store: &Local<'_>) -> (u32, u32) {
    let (gets, sets) = store.calls();
    for counter in counters {
        assert_eq!(admitted(counter, store, 1), 1);
    }
    (store.gets.get() - gets, store.sets.get() - sets)
}

#[test]
fn guessing_stops_while_a_second_worker_writes_and_resumes_afterwards() {
    let a_store = Local::default();
    let b_store = a_store.of_another_vm();
    let (mut a, mut b) = (plan("plan"), plan("plan"));
    for _ in 0..10 {
        assert_eq!(admitted(&mut a, &a_store, 1) + admitted(&mut b, &b_store, 1), 2);
    }
    // Each worker has at most one wrong guess, and reads back the first cell that it writes.
    for store in [&a_store, &b_store] {
        assert!(store.calls() <= (11, 11), "{:?} for 10 admissions", store.calls());
    }
    assert_eq!(admitted(&mut a, &a_store, 2), 2);
    let gets = a_store.gets.get();
    assert_eq!(admitted(&mut a, &a_store, 10), 10);
    assert_eq!(a_store.gets.get(), gets);
}

#[test]
fn a_vm_that_writes_many_cells_reads_each_once() {
    let store = Local::default();
    let mut counters = plans(1000);
    // The first cell that was written is read back, and shows where the store is.
    assert_eq!(in_turn(&mut counters, &store), (1001, 1000));
    for _ in 0..3 {
        assert_eq!(in_turn(&mut counters, &store), (0, 1000));
    }
}

#[test]
fn a_new_vm_in_an_old_process_reads_each_cell_once() {
    let old = Local::default();
    in_turn(&mut plans(1000), &old);
    let store = old.of_another_vm();
    let mut counters = plans(1000);
    // The first cells that it finds are old ones.
    assert_eq!(in_turn(&mut counters, &store), (1001, 1000));
    assert_eq!(in_turn(&mut counters, &store), (0, 1000));
}

#[test]
fn after_another_vm_has_written_once_every_cell_is_read_at_most_twice() {
    let store = Local::default();
    let mut counters = plans(1000);
    in_turn(&mut counters, &store);
    let other = store.of_another_vm();
    assert_eq!(admitted(&mut plan("other"), &other, 1), 1);
    // What is written until the first wrong guess has a version that is too low.
    assert_eq!(in_turn(&mut counters, &store), (0, 1000));
    let (gets, sets) = in_turn(&mut counters, &store);
    assert!(gets <= 1000 + 1000 / 64 + 1 && sets <= 2000, "{gets} reads, {sets} writes");
    let (gets, sets) = in_turn(&mut counters, &store);
    assert!(gets <= 1000 + 1000 / 64 + 1 && sets <= 1000, "{gets} reads, {sets} writes");
    assert_eq!(in_turn(&mut counters, &store), (0, 1000));
}

#[test]
fn cells_are_seldom_read_back_while_others_write_all_the_time() {
    let (store, mut counters) = (Local::default(), plans(10));
    let (other_store, mut other) = (store.of_another_vm(), plan("other"));
    in_turn(&mut counters, &store);
    let (gets, sets) = store.calls();
    for turn in 0..800 {
        assert_eq!(admitted(&mut other, &other_store, 1), 1);
        assert_eq!(admitted(&mut counters[turn % 10], &store, 1), 1);
    }
    // A read and a write for each request, and little more.
    let (gets, sets) = (store.gets.get() - gets, store.sets.get() - sets);
    assert!(gets <= 825 && sets <= 825, "{gets} reads, {sets} writes");
}

#[test]
fn what_another_worker_writes_before_a_cell_is_read_back_is_not_overwritten() {
    let other_store = Local::default();
    let other = RefCell::new(Limited::new("plan", 3));
    let others = |_: &RefCell<Cells>| assert_eq!(admitted(&mut other.borrow_mut(), &other_store, 1), 1);
    let store = Local { before_reading_back: Some(Box::new(others)), ..other_store.of_another_vm() };
    let mut counter = Limited::new("plan", 3);
    assert_eq!(admitted(&mut counter, &store, 1), 1);
    assert_eq!(admitted(&mut counter, &store, 3), 1);
}
