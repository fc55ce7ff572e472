//! An engine that runs in the process of the server.

use std::io;
use std::sync::{Arc, Weak};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use usage_plan_engine::engine::Engine;
use usage_plan_engine::server::{Error, Options, Started, serve};

/// An engine that runs in this process.
pub(crate) struct RunningEngine {
    pub(crate) started: Started,
    /// The engine itself. Who asks it must not keep it open.
    pub(crate) engine: Weak<Engine>,
    task: JoinHandle<Result<Arc<Engine>, Error>>,
}

// === impl RunningEngine ===

impl RunningEngine {
    /// Starts an engine, which ends when `stopped` has no sender any more.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub(crate) async fn start(options: Options, mut stopped: watch::Receiver<()>) -> Result<Self, Error> {
        let (sender, started) = oneshot::channel();
        let task = tokio::spawn(async move {
            let tell = |started, engine: &Arc<_>| {
                let _ = sender.send((started, Arc::downgrade(engine)));
            };
            let end = async move { while stopped.changed().await.is_ok() {} };
            serve(options, tell, end).await
        });
        match started.await {
            Ok((started, engine)) => Ok(Self { started, engine, task }),
            Err(_) => match task.await {
                Ok(Err(error)) => Err(error),
                Ok(Ok(_)) | Err(_) => Err(Error::System(io::Error::other("the engine did not start"))),
            },
        }
    }

    /// Waits until it has answered what is in flight.
    ///
    /// # Errors
    ///
    /// It has failed.
    pub(crate) async fn end(self) -> Result<Arc<Engine>, Error> {
        self.task.await.map_err(|error| Error::System(io::Error::other(error)))?
    }
}
