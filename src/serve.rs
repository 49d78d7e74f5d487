//! Command `feedscope serve`: plays recordings as real servers, on loopback only.
//!
//! Each client gets the whole recording from the start of its own connection. This module accepts connections and
//! answers requests; its submodules select the records and write them in each protocol.

mod event_stream;
mod guard;
mod life;
mod plain;
mod play;
mod web_socket;

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::Arc;

use feedscope_files::formats::{Control, open_any};
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::complaint::complain;
use crate::plan::ServePlan;
use crate::signals::{self, Interruption};
use guard::Guard;
use plain::{Body, plain};
use play::{PlayedFeed, Schedule};

/// Exit status for a file that cannot be served.
const FAILED: u8 = 1;

/// Exit status for a feed that no file has.
const WRONG_USAGE: u8 = 2;

/// Threads of the server. Reading a file may wait for a disk, so that one is not enough.
const THREADS: usize = 2;

/// Serves the files until the program is interrupted. Returns the exit status.
pub fn run(plan: &ServePlan) -> io::Result<u8> {
    // A file of another format is first written into a temporary recording.
    let (opened, remarks) = match open_any(&plan.files, &Control::default()) {
        Ok(opened) => opened,
        Err(error) => {
            complain("cannot open", &error.to_string());
            return Ok(FAILED);
        }
    };
    for remark in remarks {
        complain("serve", &remark);
    }
    for sentence in &opened.damage {
        complain("damaged", sentence);
    }
    let wanted = |name: &str| plan.feed.as_ref().is_none_or(|feed| feed == name);
    let mut feeds = opened.feeds;
    feeds.retain(|feed| wanted(&feed.description.name));
    if feeds.is_empty() {
        let sentence = match &plan.feed {
            Some(feed) => format!("no feed `{feed}` in the recording"),
            None => "there is no feed in the recording".to_owned(),
        };
        complain("serve", &sentence);
        return Ok(WRONG_USAGE);
    }
    let schedule = Schedule::new(plan, &feeds);
    let feeds = feeds.iter().map(|feed| PlayedFeed::new(feed, &schedule));
    let feeds: Vec<Arc<PlayedFeed>> = feeds.map(Arc::new).collect();
    let (end, ended) = watch::channel(None);
    signals::watch(move |interruption| {
        // The receiver lives as long as the server.
        end.send(Some(interruption)).ok();
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("feedscope-serve")
        .enable_all()
        .build()?;
    let interruption = runtime.block_on(serve(plan, feeds, ended))?;
    // Clients that are being served are dropped, as by any server that is stopped.
    runtime.shutdown_background();
    Ok(interruption.exit_status())
}

/// Accepts clients until the program is interrupted.
async fn serve(
    plan: &ServePlan,
    feeds: Vec<Arc<PlayedFeed>>,
    mut ended: watch::Receiver<Option<Interruption>>,
) -> io::Result<Interruption> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, plan.port)).await?;
    let port = listener.local_addr()?.port();
    print_urls(&feeds, port)?;
    let server = Arc::new(PlayServer {
        guard: Guard::new(port, &plan.allowed_origins),
        feeds,
    });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(Arc::clone(&server).converse(stream));
                }
                // The usual cause is a lack of descriptors. Connected clients will release theirs.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            changed = ended.changed() => {
                let interruption = *ended.borrow();
                if let (Some(interruption), Ok(())) = (interruption, changed) {
                    return Ok(interruption);
                }
            }
        }
    }
}

/// Prints the URL of each feed on a line of its own.
fn print_urls(feeds: &[Arc<PlayedFeed>], port: u16) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for feed in feeds {
        let scheme = if feed.is_web_socket() { "ws" } else { "http" };
        writeln!(out, "{scheme}://127.0.0.1:{port}{}", feed.path())?;
    }
    out.flush()
}

/// State that all connections share.
struct PlayServer {
    guard: Guard,
    feeds: Vec<Arc<PlayedFeed>>,
}

impl PlayServer {
    /// Answers the requests of one client.
    async fn converse(self: Arc<Self>, stream: TcpStream) {
        // Each record is to arrive at its own time.
        stream.set_nodelay(true).ok();
        let service = service_fn(move |request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, Infallible>(server.answer(request)) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        // A client that leaves, or is dropped as the recorded one was, is no failure of the server.
        connection.await.ok();
    }

    fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let mut response = match self.guard.check(request.headers()) {
            Ok(()) => self.answer_allowed(request),
            Err((status, text)) => return plain(status, text),
        };
        // A page of an allowed origin may read the answer.
        if let Some(origin) = response.extensions_mut().remove::<AllowedOrigin>() {
            let headers = response.headers_mut();
            headers.insert("access-control-allow-origin", origin.0);
            headers.insert("vary", HeaderValue::from_static("origin"));
        }
        response
    }

    fn answer_allowed(&self, request: Request<Incoming>) -> Response<Body> {
        let origin = self.guard.origin(request.headers());
        let path = request.uri().path();
        let feed = self.feeds.iter().find(|feed| feed.path() == path);
        let mut response = match feed {
            None => plain(StatusCode::NOT_FOUND, "there is no feed at this path\n"),
            Some(_) if request.method() != Method::GET => {
                let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n");
                refused
                    .headers_mut()
                    .insert(ALLOW, HeaderValue::from_static("GET"));
                refused
            }
            Some(feed) if feed.is_web_socket() => web_socket::answer(feed, request),
            Some(feed) => event_stream::answer(feed, &request),
        };
        if let Some(origin) = origin {
            response.extensions_mut().insert(AllowedOrigin(origin));
        }
        response
    }
}

/// Origin of the page that may read an answer.
#[derive(Clone)]
struct AllowedOrigin(HeaderValue);
