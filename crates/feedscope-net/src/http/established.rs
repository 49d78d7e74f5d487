//! Detection of the moment at which the connection for a request exists. Before it, no part of the request was sent.
//! After it, the server may have received the request.
//!
//! The HTTP library makes its connections inside of the request's future and does not report them. A layer around its
//! connector observes each one. A task-local value leads from there back to the request.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// Request that this task is polling.
    static CURRENT: Established;
}

/// Flag that is set once the connection of one request exists, after name lookup, proxy and TLS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Established(Arc<AtomicBool>);

impl Established {
    /// Runs a request so that its connection sets this flag.
    pub(crate) fn watch<F: Future>(&self, request: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self.clone(), request)
    }

    /// Returns the flag of the request that this task is polling.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Sets the flag of the request that this task is polling.
    pub(crate) fn set_current() {
        if let Some(established) = Self::current() {
            established.set();
        }
    }

    /// Sets the flag.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns true once the connection exists.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Layer that makes every connection of a client set the flag of its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct EstablishedLayer;

impl<S> Layer<S> for EstablishedLayer {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched(connector)
    }
}

/// Connector that is observed.
#[derive(Clone, Debug)]
pub(super) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connecting = self.0.call(target);
        // The task-local value is read now, because another task may poll the future.
        let current = Established::current();
        Box::pin(async move {
            let connection = connecting.await?;
            if let Some(established) = current {
                established.set();
            }
            Ok(connection)
        })
    }
}
