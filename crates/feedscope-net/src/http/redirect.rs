//! Redirects. The program follows them itself, so that credentials are not sent to other origins. This module does not
//! read the body of an answer.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use feedscope_core::url_text::masked;
use reqwest::header;
use reqwest::{Method, Request, Response};
use tokio::time::{Instant, sleep_until};
use url::Url;

pub(crate) use super::ask::{Ask, without_userinfo};
use super::connect::Facts;
use super::established::Established;
use super::observed::Observed;
use super::route::Route;
use super::tls::Offer;
use super::{failure, headers, opening};
use crate::engine::Attempt;
use crate::progress::AttemptProgress;

/// Largest number of redirects that are followed (Fetch 4.4: the twenty-first is a network error).
const MAX_REDIRECTS: usize = 20;

/// Answer with the URL from which it finally came.
pub(crate) struct Reached {
    pub(crate) response: Response,
    pub(crate) url: Url,
    /// Effect of the redirects on the request; `None` if there was no redirect.
    pub(crate) redirected: Option<Redirected>,
}

/// Effect of redirects on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Redirected {
    /// True if headers of the user were left out because a redirect led to another origin.
    pub(crate) without_user_headers: bool,
}

/// Sends a request to the feed's URL and follows its redirects, up to [`MAX_REDIRECTS`].
///
/// Only their number is limited. A redirect to an earlier URL is followed too, because a cookie that was set in between
/// may change the answer.
pub(crate) async fn follow(attempt: &Attempt, mut ask: Ask) -> Result<Reached, Failure> {
    let mut url = attempt.spec.url.clone();
    let mut redirected = None;
    for _ in 0..=MAX_REDIRECTS {
        let response = send(attempt, &url, ask.clone(), false).await?;
        let status = response.status().as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(Reached {
                response,
                url,
                redirected,
            });
        }
        let next = target(&url, &response)?;
        ask.redirect(status);
        let led_away = next.origin() != url.origin();
        if led_away {
            ask.leave_origin(&next)?;
        }
        // The userinfo of the target belongs to its origin, so that it may be sent there.
        if let Some(own) = headers::basic_authorization(&next) {
            ask.headers.insert(header::AUTHORIZATION, own);
        }
        let was_led_away = redirected.is_some_and(|it: Redirected| it.without_user_headers);
        redirected = Some(Redirected {
            without_user_headers: was_led_away
                || (led_away && attempt.spec.has_headers_of_the_user()),
        });
        url = next;
    }
    Err(nowhere(format!(
        "more than {MAX_REDIRECTS} redirects; the last one leads to {}",
        masked(&url)
    )))
}

impl Ask {
    /// Changes the request as Fetch 4.4, step 12 requires. After some redirects it becomes a GET without a body.
    fn redirect(&mut self, status: u16) {
        let turns_to_get = match status {
            301 | 302 => self.method == Method::POST,
            303 => !matches!(self.method, Method::GET | Method::HEAD),
            _ => false,
        };
        if turns_to_get {
            self.method = Method::GET;
            self.body = None;
            for name in [
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
                header::CONTENT_TYPE,
            ] {
                self.headers.remove(&name);
                self.own_headers.remove(&name);
            }
        }
    }

    /// Removes everything that the user set for the origin that the request leaves. The headers stay removed, even if a
    /// later redirect leads back.
    ///
    /// A body is not sent to another origin at all. Fetch allows that, but a body may contain as many secrets as any
    /// header.
    pub(crate) fn leave_origin(&mut self, next: &Url) -> Result<(), Failure> {
        if self.body.is_some() {
            return Err(nowhere(format!(
                "it leads to another origin, {}, and the body of the request is not sent there",
                masked(next)
            )));
        }
        self.headers.clone_from(&self.own_headers);
        Ok(())
    }
}

/// Sends one request without following a redirect. With `upgrade`, its connection can become a WebSocket.
pub(crate) async fn send(
    attempt: &Attempt,
    url: &Url,
    mut ask: Ask,
    upgrade: bool,
) -> Result<Response, Failure> {
    let Attempt {
        spec,
        cookies,
        clock,
        progress,
        ..
    } = attempt;
    progress.begin_request();
    let limits = Limits::of(spec);
    let route = Route::to(url, spec)?;
    cookies.add_to(&mut ask.headers, url, clock.now().utc);
    let answer = async {
        if upgrade {
            opening::open(attempt, url, &route, ask, Established::set_current).await
        } else {
            execute(attempt, url, &route, ask).await
        }
    };
    let mut response = within_limits(progress, &limits, answer).await??;
    cookies.take_in(url, response.headers(), clock.now().utc);
    // The readers of the answer need its route.
    if !upgrade && let Some(forwarder) = route.forwarder(url) {
        response.extensions_mut().insert(forwarder);
    }
    response.extensions_mut().insert(route);
    Ok(response)
}

/// Sends one request with a client of its own.
async fn execute(
    attempt: &Attempt,
    url: &Url,
    route: &Route,
    ask: Ask,
) -> Result<Response, Failure> {
    match execute_over(Offer::AnyHttp, attempt, url, route, ask.clone()).await {
        // RFC 9113 7: the server did not process the request, and expects it over HTTP/1.1.
        Err(Failure::Http2(error)) if error.code == u32::from(h2::Reason::HTTP_1_1_REQUIRED) => {
            execute_over(Offer::Http1, attempt, url, route, ask).await
        }
        answer => answer,
    }
}

async fn execute_over(
    offer: Offer,
    attempt: &Attempt,
    url: &Url,
    route: &Route,
    ask: Ask,
) -> Result<Response, Failure> {
    let clients = &attempt.clients;
    let prepared = clients.get(url, &attempt.spec, route, offer).await?;
    let mut request = Request::new(ask.method, without_userinfo(url));
    *request.headers_mut() = ask.headers;
    *request.body_mut() = ask.body.map(Into::into);
    let (handshake, observed) = (prepared.handshake.as_deref(), Observed::default());
    let answer = observed.watch(prepared.client.execute(request)).await;
    let mut response = answer.map_err(|error| {
        let sent = failure::Sent {
            url,
            route,
            handshake,
            observed: &observed,
        };
        failure::of_request(&error, &sent)
    })?;
    let facts = Facts::of_client(&response, url, handshake, &observed);
    response.extensions_mut().insert(facts);
    response.extensions_mut().insert(observed);
    Ok(response)
}

/// Time limits of one request.
struct Limits {
    connect: Duration,
    /// End of the time for the connection.
    connected_by: Instant,
    /// Limit for the wait for the head of the response, from the time at which the request was sent.
    response: Option<Duration>,
}

impl Limits {
    fn of(spec: &FeedSpec) -> Self {
        Self {
            connect: spec.transport.connect_timeout,
            connected_by: after(spec.transport.connect_timeout),
            response: spec.response_limit(),
        }
    }

    fn connect_failure(&self) -> Failure {
        Failure::ConnectTimeout {
            limit: self.connect,
        }
    }
}

/// Runs a request within its limits. Reports when its connection exists, because the request is sent then.
async fn within_limits<T>(
    progress: &AttemptProgress,
    limits: &Limits,
    request: impl Future<Output = T>,
) -> Result<T, Failure> {
    let established = Established::default();
    // The timer first limits the connection, and is reset for the answer as soon as the connection exists.
    let mut request = pin!(established.watch(request));
    let mut timer = pin!(sleep_until(limits.connected_by));
    let mut sent = false;
    poll_fn(|context| {
        let answer = request.as_mut().poll(context);
        if established.is_set() && !sent {
            sent = true;
            progress.request_sent();
            if let Some(limit) = limits.response {
                timer.as_mut().reset(after(limit));
            }
        }
        if let Poll::Ready(answer) = answer {
            return Poll::Ready(Ok(answer));
        }
        let failure = match (sent, limits.response) {
            (false, _) => limits.connect_failure(),
            (true, Some(limit)) => Failure::ResponseTimeout { limit },
            (true, None) => return Poll::Pending,
        };
        timer.as_mut().poll(context).map(|()| Err(failure))
    })
    .await
}

/// Returns the time after a wait. A time beyond the range of the clock is replaced by one that is as good as never.
fn after(wait: Duration) -> Instant {
    const FAR: Duration = Duration::from_hours(365 * 24);
    let now = Instant::now();
    now.checked_add(wait.min(FAR)).unwrap_or(now)
}

/// Returns the target of a redirect.
fn target(from: &Url, response: &Response) -> Result<Url, Failure> {
    let status = response.status().as_u16();
    let Some(location) = response.headers().get(header::LOCATION) else {
        return Err(nowhere(format!("HTTP {status} without a Location")));
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    let mut next = from
        .join(&location)
        .map_err(|error| nowhere(format!("its Location is no URL ({error})")))?;
    if !matches!(next.scheme(), "http" | "https") {
        return Err(nowhere(format!(
            "its Location has the scheme {}",
            next.scheme()
        )));
    }
    // A fragment is never sent to a server.
    next.set_fragment(None);
    Ok(next)
}

fn nowhere(detail: String) -> Failure {
    Failure::Redirect { detail }
}

#[cfg(test)]
mod tests {
    use feedscope_core::connection::Input;
    use tokio::time::sleep;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    /// Request whose connection exists after one wait and whose answer arrives after another.
    async fn request(connecting: Duration, answering: Duration) -> &'static str {
        sleep(connecting).await;
        Established::current().unwrap().set();
        sleep(answering).await;
        "answer"
    }

    /// Returns the result of such a request, the seconds that it took, and the inputs for the driver.
    fn run(
        connecting: Duration,
        answering: Duration,
        response_timeout: Option<Duration>,
    ) -> (Result<&'static str, Failure>, u64, Vec<Input>) {
        let mut spec = FeedSpec::new(Url::parse("http://a.test/").unwrap());
        spec.http.response_timeout = response_timeout;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            // The clock jumps to the next timer.
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (start, progress) = (Instant::now(), AttemptProgress::default());
            let limits = Limits::of(&spec);
            let result = within_limits(&progress, &limits, request(connecting, answering)).await;
            (result, start.elapsed().as_secs(), progress.take_inputs())
        })
    }

    #[test]
    fn the_answer_has_its_own_limit_or_none() {
        let seconds = Duration::from_secs;
        let sent = vec![Input::RequestSent];
        let limit = seconds(15);
        assert_eq!(
            run(seconds(1), DAY, None),
            (Ok("answer"), DAY.as_secs() + 1, sent.clone())
        );
        assert_eq!(
            run(DAY, seconds(1), Some(DAY)),
            (Err(Failure::ConnectTimeout { limit }), 15, vec![])
        );
        assert_eq!(
            run(seconds(10), DAY, Some(limit)),
            (Err(Failure::ResponseTimeout { limit }), 25, sent.clone())
        );
        assert_eq!(
            run(seconds(14), seconds(14), Some(limit)),
            (Ok("answer"), 28, sent)
        );
    }

    #[test]
    fn a_limit_may_be_longer_than_any_clock() {
        let (result, ..) = run(DAY / 24, DAY, Some(Duration::MAX));
        assert!(matches!(result, Err(Failure::ConnectTimeout { .. })));
        let (result, ..) = run(Duration::ZERO, DAY, Some(Duration::MAX));
        assert_eq!(result, Ok("answer"));
    }
}
