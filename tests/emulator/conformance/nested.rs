//! What a filter lets go on in one callback happens within the ends of those before, as deep as the stack
//! of a VM allows. Observed on Envoy 1.40: after 272 of them the VM ends, and the callers of all others get
//! 503.

use emulator::{Failure, Native, ProxyWasm, Shared, Wasm};

use super::probe;
use super::subject::Probe;

/// Lets so many requests go on in one callback.
fn resume<W: ProxyWasm>(requests: usize) -> Result<(), Failure> {
    let mut worker = W::start(&Shared::new(), "a configuration");
    let mut ids: Vec<_> = (1..requests).map(|_| worker.begin(&probe("wait-for-another"))).collect();
    ids.push(worker.begin(&probe("wait-resume")));
    while worker.try_step()? {}
    assert!(ids.into_iter().all(|id| worker.take(id).is_some_and(|exchange| exchange.status() == 200)));
    Ok(())
}

#[test]
fn as_many_requests_go_on_in_one_callback_as_envoy_has_stack_for() {
    assert_eq!((resume::<Native<Probe>>(64), resume::<Wasm<Probe>>(64)), (Ok(()), Ok(())));
    for result in [resume::<Native<Probe>>(300), resume::<Wasm<Probe>>(300)] {
        let Err(Failure::Died(how)) = result else { panic!("it survives: {result:?}") };
        assert!(how.contains("Maximum call stack size exceeded"), "{how}");
    }
}

/// A caller that hangs up is gone for whoever would wake it.
#[test]
fn a_request_that_was_left_is_not_resumed() {
    fn left<W: ProxyWasm>() {
        let mut worker = W::start(&Shared::new(), "a configuration");
        let id = worker.begin(&probe("wait-for-another"));
        worker.hang_up(id);
        let other = worker.begin(&probe("wait-resume"));
        worker.settle();
        assert_eq!(worker.take(other).expect("it is over").status(), 200);
        assert!(worker.take(id).is_none());
    }
    left::<Native<Probe>>();
    left::<Wasm<Probe>>();
}
