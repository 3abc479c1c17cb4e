//! The asking itself, over HTTP, many at once.

use std::any::Any;
use std::collections::VecDeque;
use std::io::Write;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;
use url::Url;

use super::super::client::{Getter, Turns};
use super::super::{Budget, Client, FetchError, Next, Packing, Request, Sink, Start};
use super::{Failure, Learned, Services, Wish};
use crate::package::address::redact;
use crate::registry::{Answer, Part, Question, Registry, RegistryError, ReleaseHistory, Service};

/// How many packages are asked about at once.
const AT_ONCE: usize = 24;

/// How long a queue for crates.io's API may be for questions that nothing depends on.
const LEISURE: Duration = Duration::from_secs(3);

/// How many questions a service is asked at once until it has answered one.
const AT_FIRST: usize = 4;

/// How many bytes are unpacked before their size is looked at: they may become a thousand times as many.
const PIECE: usize = 1 << 12;

/// After how many questions without an answer, one after the other, a server is taken for gone.
const SILENT: u32 = 8;

impl Client {
    /// Asks about packages, many at once; hands over what came of each as it comes, by its place in the list.
    pub fn inquire(
        &self,
        wishes: Vec<Wish>,
        services: &Services,
        take: &mut dyn FnMut(usize, Learned),
    ) {
        self.run(async |getter| {
            let asker = Asker {
                getter,
                services: Arc::new(services.clone()),
                api_turns: Arc::new(Turns::new(services.api_rate)),
                manners: Arc::new(std::array::from_fn(|_| Acquaintance::new())),
            };
            let mut waiting = wishes.into_iter().enumerate();
            let mut running = JoinSet::new();
            loop {
                for (place, wish) in waiting.by_ref().take(AT_ONCE - running.len()) {
                    let asker = asker.clone();
                    running.spawn(async move { (place, asker.learn(wish).await) });
                }
                match running.join_next().await {
                    Some(Ok((place, learned))) => take(place, learned),
                    // A panic is a bug, and no answer.
                    Some(Err(error)) => resume_unwind(error.into_panic()),
                    None => return,
                }
            }
        });
    }

    /// Reads a whole answer, or the part of it that the request names.
    pub fn body(&self, request: &Request) -> Result<Body, FetchError> {
        self.run(async |getter| {
            let mut body = Body::new(request.largest);
            match getter.get(request, &mut body).await {
                Ok(()) => body.finish(&request.address),
                Err(FetchError::Keep(error)) => Err(body.fault(&error, &request.address)),
                Err(error) => Err(error),
            }
        })
    }
}

/// What asking takes; cheap to clone.
#[derive(Clone)]
struct Asker {
    getter: Getter,
    services: Arc<Services>,
    /// When the API may be asked next.
    api_turns: Arc<Turns>,
    /// How each service has behaved so far.
    manners: Arc<[Acquaintance; 4]>,
}

/// How a service has behaved so far.
struct Acquaintance {
    /// How many questions it has not answered, since it last did.
    silent: AtomicU32,
    /// How many questions may be under way: few until it has answered one, so that one that is gone is left alone.
    room: Semaphore,
    has_answered: AtomicBool,
}

impl Acquaintance {
    fn new() -> Self {
        Self {
            silent: AtomicU32::new(0),
            room: Semaphore::new(AT_FIRST),
            has_answered: AtomicBool::new(false),
        }
    }

    /// Waits until a question may be asked; none if the service is taken for gone.
    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.room.acquire().await.ok();
        permit.filter(|_| self.silent.load(Ordering::Relaxed) < SILENT)
    }

    fn note<T>(&self, got: &Result<T, FetchError>) {
        if is_silence(got) {
            self.silent.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.silent.store(0, Ordering::Relaxed);
        if !self.has_answered.swap(true, Ordering::Relaxed) {
            self.room.add_permits(AT_ONCE - AT_FIRST);
        }
    }
}

/// Says whether a server did not answer at all, or said that it answers nobody now.
const fn is_silence<T>(got: &Result<T, FetchError>) -> bool {
    matches!(
        got,
        Err(FetchError::NoAnswer { .. }
            | FetchError::TooSlow { .. }
            | FetchError::Status {
                status: 429 | 502 | 503 | 504,
                ..
            })
    )
}

impl Asker {
    async fn learn(&self, wish: Wish) -> Learned {
        match self.try_learn(wish).await {
            Ok(learned) => learned,
            Err(failure) => Learned::Failed(failure),
        }
    }

    async fn try_learn(&self, wish: Wish) -> Result<Learned, Failure> {
        let registry = wish.registry;
        let history = ReleaseHistory::new(registry.ecosystem(), wish.name.clone());
        let first = registry.first_question(&wish.name);
        let answered = self.ask(&first, wish.known.clone()).await?;
        let Some(reply) = answered else {
            return Ok(Learned::Unchanged);
        };
        let tag = reply.tag.clone();
        let (mut history, mut next) = match read(registry, first, reply, history).await {
            Err(Failure::Answer(_, RegistryError::Unknown)) => return Ok(Learned::Unknown),
            other => other?,
        };
        let mut questions = VecDeque::from(wish.further_questions(&history, self.services.now));
        loop {
            let Some(question) = next.take().or_else(|| questions.pop_front()) else {
                return Ok(Learned::History(Box::new(history), tag));
            };
            if question.part == Part::Owners && self.api_turns.delay() > LEISURE {
                // What nobody needs today leaves its turn to what somebody does.
                continue;
            }
            let is_needed = matches!(question.part, Part::Releases | Part::Publishers(_));
            match self.ask(&question, None).await {
                Ok(Some(reply)) => {
                    let read = read(registry, question, reply, history.clone()).await;
                    match read {
                        Ok((read, after)) => (history, next) = (read, after),
                        Err(failure) if is_needed => return Err(failure),
                        Err(failure) => tracing::debug!(%failure, "passed over"),
                    }
                }
                Ok(None) => {}
                Err(failure) if is_needed => return Err(failure),
                // The rest of the history is as good without it.
                Err(failure) => tracing::debug!(%failure, "passed over"),
            }
        }
    }

    /// Asks one question; none if what is at hand is what there is.
    async fn ask(
        &self,
        question: &Question,
        known: Option<String>,
    ) -> Result<Option<Reply>, Failure> {
        let request = self.services.request(question, known);
        let mut body = Body::new(request.largest);
        let service = &self.manners[question.service as usize];
        let Some(permit) = service.enter().await else {
            let address = redact(self.services.address(question.service).as_str());
            let why = "the last questions had no answer, so that it is asked no more".to_owned();
            return Err(Failure::Fetch(FetchError::NoAnswer { address, why }));
        };
        let turns = (question.service == Service::CratesApi).then_some(&*self.api_turns);
        let got = self.getter.get_in_turn(&request, &mut body, turns).await;
        let got = got.map_err(|error| self.settle(error));
        service.note(&got);
        drop(permit);
        match got {
            Ok(()) if !body.is_begun => Ok(None),
            Ok(()) => {
                let tag = body.start.validator.take();
                let body = body.finish(&request.address).map_err(Failure::Fetch)?;
                Ok(Some(Reply {
                    address: request.address,
                    body: Some(body),
                    tag,
                }))
            }
            Err(FetchError::NotFound { .. }) => Ok(Some(Reply {
                address: request.address,
                body: None,
                tag: None,
            })),
            Err(FetchError::Keep(error)) => {
                Err(Failure::Fetch(body.fault(&error, &request.address)))
            }
            Err(error) => Err(Failure::Fetch(error)),
        }
    }

    /// What was cut off by the end of the run's time is no fault of the server.
    fn settle(&self, error: FetchError) -> FetchError {
        match error {
            FetchError::TooSlow { address } if Instant::now() >= self.getter.until => {
                FetchError::OverBudget {
                    address,
                    budget: Budget::Time,
                }
            }
            error => error,
        }
    }
}

/// What was answered; no body for something that is not there.
struct Reply {
    address: Url,
    body: Option<Body>,
    tag: Option<String>,
}

/// Reads an answer on a thread of its own, so that others can be fetched meanwhile.
async fn read(
    registry: &'static dyn Registry,
    question: Question,
    reply: Reply,
    mut history: ReleaseHistory,
) -> Result<(ReleaseHistory, Option<Question>), Failure> {
    let task = spawn_blocking(move || {
        let answer = match &reply.body {
            Some(body) => Answer::Body(&body.bytes),
            None => Answer::Missing,
        };
        let read = registry.interpret(&question, answer, &mut history);
        let read = read.map_err(|error| Failure::of_answer(&reply.address, error));
        read.map(|next| (history, next))
    });
    match task.await {
        Ok(read) => read,
        // A panic is a bug, and no answer.
        Err(error) => resume_unwind(error.into_panic()),
    }
}

/// A whole answer in memory, unpacked as it comes.
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How it began.
    pub start: Start,
    is_begun: bool,
    unpacking: Option<MultiGzDecoder<Vec<u8>>>,
    largest: u64,
    /// The turn of those that hold much; it ends when this is read.
    turn: Option<Box<dyn Any + Send>>,
}

impl Body {
    fn new(largest: u64) -> Self {
        Self {
            bytes: Vec::new(),
            start: Start::ANEW,
            is_begun: false,
            unpacking: None,
            largest,
            turn: None,
        }
    }

    fn finish(mut self, address: &Url) -> Result<Self, FetchError> {
        if let Some(unpacking) = self.unpacking.take() {
            let unpacked = unpacking.finish();
            self.bytes = unpacked.map_err(|error| self.fault(&error, address))?;
        }
        let checked = self.check_size();
        checked.map_err(|error| self.fault(&error, address))?;
        Ok(self)
    }

    /// Memory takes everything, so that it is the answer that is at fault: it is too large, or not what it says.
    fn fault(&self, error: &std::io::Error, address: &Url) -> FetchError {
        let address = redact(address.as_str());
        if self.check_size().is_err() {
            return FetchError::TooLarge {
                address,
                largest: self.largest,
            };
        }
        FetchError::CutShort {
            address,
            why: error.to_string(),
        }
    }

    fn check_size(&self) -> std::io::Result<()> {
        check_size(self.in_memory(), self.largest)
    }
}

fn check_size(size: usize, largest: u64) -> std::io::Result<()> {
    if size as u64 <= largest {
        return Ok(());
    }
    let what = format!("it unpacks to more than {largest} bytes");
    Err(std::io::Error::other(what))
}

impl Sink for Body {
    fn start(&mut self, start: &Start) -> std::io::Result<()> {
        self.bytes.clear();
        // A try that begins anew waits for its turn anew; one that kept it would wait for itself.
        self.turn = None;
        self.is_begun = true;
        self.start = start.clone();
        self.unpacking = (start.packing == Packing::Gzip).then(|| MultiGzDecoder::new(Vec::new()));
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<Next> {
        match &mut self.unpacking {
            Some(unpacking) => {
                for piece in bytes.chunks(PIECE) {
                    unpacking.write_all(piece)?;
                    check_size(unpacking.get_ref().len(), self.largest)?;
                }
            }
            None => self.bytes.extend_from_slice(bytes),
        }
        self.check_size()?;
        Ok(Next::More)
    }

    fn keep(&mut self, turn: Box<dyn Any + Send>) {
        self.turn = Some(turn);
    }

    fn in_memory(&self) -> usize {
        let unpacked = self.unpacking.as_ref().map(|one| one.get_ref().len());
        unpacked.unwrap_or(self.bytes.len())
    }
}
