//! Path `/control`: the actions of the panel over HTTP, for scripts. It requires the server's token.

use std::time::Duration;

use serde::Serialize;

use crate::SharedServer;
use crate::answer::Answer;
use crate::faults::Fault;
use crate::path::{Feed, RequestTarget};

/// Longest refusal that can be requested, in seconds.
const LONGEST: u64 = 3_600;

#[derive(Serialize)]
struct Status {
    refusing_for_ms: Option<u64>,
    faults: Vec<Switched>,
    clients: Vec<Listed>,
}

#[derive(Serialize)]
struct Switched {
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<&'static str>,
    fault: String,
}

#[derive(Serialize)]
struct Listed {
    id: u64,
    address: String,
    feed: &'static str,
    seconds: u64,
    sent: u64,
    waiting: usize,
}

/// Answers a request for `/control`. GET returns the status, and POST also changes it.
pub(crate) fn answer(shared: &SharedServer, method: &str, target: &RequestTarget<'_>) -> Answer {
    if target.value("token").as_deref() != Some(shared.token.as_str()) {
        return Answer::text(403, "the control wants ?token= as the server gave it out\n");
    }
    let done = match method {
        "GET" | "HEAD" => Ok(()),
        "POST" => act(shared, target),
        _ => {
            let answer = Answer::text(405, "GET, HEAD and POST are what works here\n");
            return answer.with("Allow", "GET, HEAD, POST");
        }
    };
    match done {
        Ok(()) => {
            let json = serde_json::to_vec(&status(shared)).expect("numbers and text make JSON");
            Answer::new(200, "application/json", json)
        }
        Err(reason) => Answer::text(400, reason),
    }
}

fn act(shared: &SharedServer, target: &RequestTarget<'_>) -> Result<(), String> {
    let feeds = feeds(target)?;
    match target.value("do").as_deref() {
        Some("drop") => shared.connections.drop_all(),
        Some("refuse") => {
            let seconds = target.number("seconds")?.unwrap_or(10).min(LONGEST);
            shared.refuse_from_now(Duration::from_secs(seconds));
        }
        Some("fault") => {
            let name = target.value("name").unwrap_or_default();
            let fault: Fault = name.parse().map_err(|error| format!("{error}\n"))?;
            for feed in feeds {
                shared.faults.set(feed, fault);
            }
        }
        Some("clear") => {
            for feed in feeds {
                shared.faults.clear(feed);
            }
            // Stalled connections must notice at once that their fault is off.
            shared.connections.poke_all();
        }
        _ => return Err("do is one of: drop, refuse, fault, clear\n".to_owned()),
    }
    Ok(())
}

/// Returns the feeds that `feed=` names. If two have the same path, both are returned. Without the parameter, all are
/// returned.
fn feeds(target: &RequestTarget<'_>) -> Result<Vec<Option<Feed>>, String> {
    let Some(path) = target.value("feed") else {
        return Ok(vec![None]);
    };
    let named: Vec<_> = Feed::ALL
        .into_iter()
        .filter(|feed| feed.path() == path)
        .map(Some)
        .collect();
    if named.is_empty() {
        return Err(format!("there is no feed {path}\n"));
    }
    Ok(named)
}

fn status(shared: &SharedServer) -> Status {
    let faults = shared.faults.list();
    let now = shared.clock.wall();
    Status {
        refusing_for_ms: shared.life.refusing_for().map(|t| t.as_millis() as u64),
        faults: faults
            .into_iter()
            .map(|(feed, fault)| Switched {
                feed: feed.map(Feed::path),
                fault: fault.to_string(),
            })
            .collect(),
        clients: shared
            .connections
            .clients()
            .into_iter()
            .map(|client| Listed {
                id: client.id,
                address: client.address.to_string(),
                feed: client.feed.path(),
                seconds: now
                    // The time of day can go back, so that a client may seem to be from the future.
                    .duration_since(client.since)
                    .map_or(0, |time| time.as_secs()),
                sent: client.sent,
                waiting: client.waiting,
            })
            .collect(),
    }
}
