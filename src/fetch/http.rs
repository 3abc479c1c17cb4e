//! The client over HTTP: reqwest on a runtime of its own, on the thread that asks.

use std::error::Error as _;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderValue, IF_NONE_MATCH, IF_RANGE, RANGE, RETRY_AFTER,
};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::policy::{check_redirect, retry_after, wait, waits};
pub(super) use super::turns::Turns;
use super::{Budget, FetchError, Held, Next, Packing, Patience, Request, Sink, Start};
use crate::package::RemoteAddress;
use crate::package::address::redact;
use crate::package::hosts::HostName;

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// An answer of more bytes than this is large.
const LARGE: usize = 4 << 20;

/// How many large answers are held in memory at once.
const LARGE_AT_ONCE: usize = 2;

/// How many requests of [`Client::read_many`] are under way at once.
const AT_ONCE: usize = 16;

/// The one client.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
    getter: Getter,
}

/// What a request needs; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Getter {
    http: reqwest::Client,
    pub(super) until: Instant,
    /// How many bytes were taken so far, and how many may be.
    spent: Arc<AtomicU64>,
    most: u64,
    /// The turns of those that hold large answers.
    large: Arc<Semaphore>,
}

impl Client {
    /// Makes a client for what lies below an address; its time begins now.
    pub fn new(
        base: &RemoteAddress,
        patience: Patience,
        trusted: &[HostName],
    ) -> Result<Self, FetchError> {
        let failed = |error: &dyn std::fmt::Display| FetchError::Client(error.to_string());
        let trusted = trusted.to_vec();
        let follow = redirect::Policy::custom(move |attempt| {
            let asked = attempt.previous().first();
            let checked =
                asked.map_or(Ok(()), |from| check_redirect(from, attempt.url(), &trusted));
            match checked {
                Err(why) => attempt.error(why),
                Ok(()) if attempt.previous().len() > REDIRECTS => attempt.error("too often"),
                Ok(()) => attempt.follow(),
            }
        });
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("linchpin/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .read_timeout(patience.silence)
            .redirect(follow);
        if base.is_loopback() {
            // What is meant for this machine goes past no proxy.
            builder = builder.no_proxy();
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(&error))?;
        let http = builder.build().map_err(|error| failed(&error))?;
        let until = Instant::now() + patience.total;
        Ok(Self {
            runtime,
            getter: Getter {
                http,
                until,
                spent: Arc::default(),
                most: patience.bytes,
                large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
            },
        })
    }

    /// Runs work that asks for many things, on the thread that asks.
    pub(super) fn run<T>(&self, work: impl AsyncFnOnce(Getter) -> T) -> T {
        self.runtime.block_on(work(self.getter.clone()))
    }

    /// Fetches what is at one address into a sink; what fails in passing is tried again.
    pub fn read(&self, request: &Request, sink: &mut dyn Sink) -> Result<(), FetchError> {
        self.runtime.block_on(self.getter.get(request, sink))
    }

    /// Fetches many small things, several at once; hands each over as it comes, by its place in the list.
    pub fn read_many(
        &self,
        requests: Vec<Request>,
        take: &mut dyn FnMut(usize, Result<Vec<u8>, FetchError>) -> Next,
    ) {
        self.runtime.block_on(async {
            let mut waiting = requests.into_iter().enumerate();
            let mut running = JoinSet::new();
            loop {
                for (place, request) in waiting.by_ref().take(AT_ONCE - running.len()) {
                    let getter = self.getter.clone();
                    running.spawn(async move { (place, getter.get_bytes(&request).await) });
                }
                match running.join_next().await {
                    Some(Ok((place, got))) => {
                        if take(place, got) == Next::Enough {
                            return;
                        }
                    }
                    // A panic is a bug, and no answer.
                    Some(Err(error)) => resume_unwind(error.into_panic()),
                    None => return,
                }
            }
        });
    }
}

impl Getter {
    async fn get_bytes(&self, request: &Request) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Bytes::default();
        self.get(request, &mut bytes).await?;
        Ok(bytes.0)
    }

    pub(super) async fn get(
        &self,
        request: &Request,
        sink: &mut (impl Sink + ?Sized),
    ) -> Result<(), FetchError> {
        self.get_in_turn(request, sink, None).await
    }

    /// The same, where every try takes its turn.
    pub(super) async fn get_in_turn(
        &self,
        request: &Request,
        sink: &mut (impl Sink + ?Sized),
        turns: Option<&Turns>,
    ) -> Result<(), FetchError> {
        let mut waits = waits();
        loop {
            if let Some(turns) = turns {
                turns.wait(self.until).await;
            }
            // Once the time is over nobody is asked any more.
            if Instant::now() >= self.until {
                return Err(too_slow(&request.address));
            }
            let tried = timeout_at(self.until, self.try_once(request, sink)).await;
            let error = match tried {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => return Err(too_slow(&request.address)),
            };
            let Some(wait) = waits.next().and_then(|scheduled| wait(&error, scheduled)) else {
                return Err(error);
            };
            if Instant::now() + wait >= self.until {
                return Err(error);
            }
            tracing::debug!(%error, ?wait, "trying again");
            sleep(wait).await;
        }
    }

    /// Says to the server what is wanted, and what is at hand.
    fn prepare(&self, request: &Request, held: Option<&Held>) -> RequestBuilder {
        let manner = &request.manner;
        let mut get = self.http.get(request.address.clone());
        if let Some(held) = held {
            get = get
                .header(RANGE, format!("bytes={}-", held.bytes))
                .header(IF_RANGE, &held.validator);
        }
        if let Some(part) = &manner.part {
            get = get.header(
                RANGE,
                format!("bytes={}-{}", part.start, part.end.saturating_sub(1)),
            );
        }
        if !manner.accept.is_empty() {
            get = get.header(ACCEPT, manner.accept);
        }
        if manner.packing == Packing::Gzip {
            get = get.header(ACCEPT_ENCODING, "gzip");
        }
        if let Some(known) = &manner.known {
            get = get.header(IF_NONE_MATCH, known);
        }
        if let Some(secret) = &manner.secret
            && let Ok(mut value) = HeaderValue::from_str(secret.header_value())
        {
            value.set_sensitive(true);
            get = get.header(AUTHORIZATION, value);
        }
        get
    }

    /// Counts bytes against what the run may take.
    fn spend(&self, bytes: usize, request: &Request) -> Result<(), FetchError> {
        let bytes = bytes as u64;
        let spent = self.spent.fetch_add(bytes, Ordering::Relaxed);
        if spent.saturating_add(bytes) <= self.most {
            return Ok(());
        }
        Err(FetchError::OverBudget {
            address: shown(&request.address),
            budget: Budget::Bytes,
        })
    }

    async fn try_once(
        &self,
        request: &Request,
        sink: &mut (impl Sink + ?Sized),
    ) -> Result<(), FetchError> {
        let held = sink.held();
        let sent = self.prepare(request, held.as_ref()).send().await;
        let mut response = sent.map_err(|error| failure(&request.address, &error))?;
        let start = match judge(&response, request, held.as_ref())? {
            Answer::Begins(start) => start,
            Answer::IsAtHand => return Ok(()),
            Answer::IsAnother => {
                sink.start(&Start::ANEW)?;
                return Err(cut_short(&request.address, "it is another version now"));
            }
        };
        sink.start(&start)?;
        let mut taken = start.at;
        let mut has_turn = false;
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|error| failure(&request.address, &error))?;
            let Some(chunk) = chunk else { break };
            taken += chunk.len() as u64;
            check_size(counted(request, start.at, taken), request)?;
            self.spend(chunk.len(), request)?;
            if sink.take(&chunk)? == Next::Enough {
                return Ok(());
            }
            if !has_turn && sink.in_memory() > LARGE {
                has_turn = true;
                if let Ok(turn) = Arc::clone(&self.large).acquire_owned().await {
                    sink.keep(Box::new(turn));
                }
            }
        }
        match start.total {
            Some(total) if total != taken => Err(cut_short(
                &request.address,
                &format!("{taken} of {total} bytes"),
            )),
            _ => Ok(()),
        }
    }
}

/// A whole answer in memory, of a task of its own.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn start(&mut self, start: &Start) -> std::io::Result<()> {
        self.0.start(start)
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<Next> {
        self.0.take(bytes)
    }
}

/// What the head of an answer says.
enum Answer {
    /// Bytes follow.
    Begins(Start),
    /// What is at hand is the whole.
    IsAtHand,
    /// What is at hand is no part of what there is now.
    IsAnother,
}

/// Reads the head of an answer.
fn judge(
    response: &Response,
    request: &Request,
    held: Option<&Held>,
) -> Result<Answer, FetchError> {
    let address = || shown(&request.address);
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
        StatusCode::NOT_MODIFIED if request.manner.known.is_some() => {
            return Ok(Answer::IsAtHand);
        }
        StatusCode::RANGE_NOT_SATISFIABLE if held.is_some_and(|held| is_whole(response, held)) => {
            return Ok(Answer::IsAtHand);
        }
        StatusCode::RANGE_NOT_SATISFIABLE if held.is_some() => return Ok(Answer::IsAnother),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            return Err(FetchError::NotFound { address: address() });
        }
        status => {
            let asked = header(response, RETRY_AFTER.as_str());
            return Err(FetchError::Status {
                address: address(),
                status: status.as_u16(),
                retry_after: asked.and_then(|asked| retry_after(asked, Timestamp::now())),
            });
        }
    }
    let kind = header(response, CONTENT_TYPE.as_str()).map(str::to_ascii_lowercase);
    if kind.is_some_and(|kind| kind.trim_start().starts_with("text/html")) {
        return Err(FetchError::WebPage { address: address() });
    }
    let part = request.manner.part.as_ref().map(|part| part.start);
    let at = match (response.status(), held) {
        (StatusCode::PARTIAL_CONTENT, None) if part.is_some() && resumes_at(response) == part => {
            part.unwrap_or(0)
        }
        (StatusCode::PARTIAL_CONTENT, Some(held)) if is_rest_of(response, held) => held.bytes,
        (StatusCode::PARTIAL_CONTENT, _) => return Ok(Answer::IsAnother),
        _ => 0,
    };
    let total = response.content_length();
    let total = total.map(|rest| rest.saturating_add(at));
    if let Some(total) = total {
        check_size(counted(request, at, total), request)?;
    }
    let is_packed = header(response, CONTENT_ENCODING.as_str()) == Some("gzip");
    let tag = header(response, ETAG.as_str()).filter(|tag| tag.starts_with('"'));
    Ok(Answer::Begins(Start {
        at,
        total,
        validator: tag.map(str::to_owned),
        packing: if is_packed {
            Packing::Gzip
        } else {
            Packing::Plain
        },
        whole: whole(response),
    }))
}

/// Returns how many of the bytes up to an end count: those in front of a part were never asked for.
fn counted(request: &Request, at: u64, end: u64) -> u64 {
    if request.manner.part.is_some() {
        end.saturating_sub(at)
    } else {
        end
    }
}

/// Says whether an answer is the rest of what is at hand, and of the same version of it.
fn is_rest_of(response: &Response, held: &Held) -> bool {
    resumes_at(response) == Some(held.bytes)
        && header(response, ETAG.as_str()) == Some(&held.validator)
}

/// Says whether nothing is left to ask for: the whole is as long as what is at hand (RFC 9110, section 15.5.17).
fn is_whole(response: &Response, held: &Held) -> bool {
    let same = header(response, ETAG.as_str()).is_none_or(|tag| tag == held.validator);
    let length = header(response, CONTENT_RANGE.as_str());
    same && length == Some(&format!("bytes */{}", held.bytes))
}

/// Reads from where on a part of an answer is (RFC 9110, section 14.4).
fn resumes_at(response: &Response) -> Option<u64> {
    let range = header(response, CONTENT_RANGE.as_str())?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}

/// Reads how long the whole is of which an answer is a part (RFC 9110, section 14.4).
fn whole(response: &Response) -> Option<u64> {
    let range = header(response, CONTENT_RANGE.as_str())?;
    range.rsplit_once('/')?.1.parse().ok()
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

fn check_size(size: u64, request: &Request) -> Result<(), FetchError> {
    if size <= request.largest {
        return Ok(());
    }
    Err(FetchError::TooLarge {
        address: shown(&request.address),
        largest: request.largest,
    })
}

fn shown(address: &Url) -> String {
    redact(address.as_str())
}

fn too_slow(address: &Url) -> FetchError {
    FetchError::TooSlow {
        address: shown(address),
    }
}

fn cut_short(address: &Url, why: &str) -> FetchError {
    FetchError::CutShort {
        address: shown(address),
        why: why.to_owned(),
    }
}

fn failure(address: &Url, error: &reqwest::Error) -> FetchError {
    let why = cause(error);
    let address_shown = shown(address);
    if error.is_timeout() {
        too_slow(address)
    } else if error.is_redirect() {
        FetchError::Redirect {
            address: address_shown,
            why,
        }
    } else if error.is_body() || error.is_decode() {
        cut_short(address, &why)
    } else {
        FetchError::NoAnswer {
            address: address_shown,
            why,
        }
    }
}

/// Returns the innermost reason: those around it only say that a request failed.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(next) = innermost.and_then(|error| error.source()) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "no reason was given".to_owned(), ToString::to_string)
}
