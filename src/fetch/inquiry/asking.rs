//! The asking itself, over HTTP, many at once.

use std::io::Write;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use tokio::sync::Mutex;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::super::client::Getter;
use super::super::{Client, FetchError, Next, Packing, Request, Sink, Start};
use super::{Failure, Learned, Services, Wish};
use crate::package::address::redact;
use crate::registry::{Answer, Part, Question, Registry, RegistryError, ReleaseHistory, Service};

/// How many packages are asked about at once.
const AT_ONCE: usize = 24;

/// After how many questions without an answer, one after the other, a server is taken for gone.
const SILENT: u32 = 8;

/// How often a service may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// As often as one likes.
    Free,
    /// At most once in this time.
    Every(Duration),
}

impl Rate {
    /// What crates.io asks of those who use its API.
    pub const CRATES_IO: Self = Self::Every(Duration::from_secs(1));
}

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
                api_turn: Arc::new(Mutex::new(Instant::now())),
                silent: Arc::default(),
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
            getter.get(request, &mut body).await?;
            body.finish(&request.address)
        })
    }
}

/// What asking takes; cheap to clone.
#[derive(Clone)]
struct Asker {
    getter: Getter,
    services: Arc<Services>,
    /// When the API may be asked next.
    api_turn: Arc<Mutex<Instant>>,
    /// How many questions each service has not answered, since it last did.
    silent: Arc<[AtomicU32; 4]>,
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
        let mut questions = wish.further_questions(&history);
        loop {
            questions.extend(next.take());
            let Some(question) = questions.pop() else {
                return Ok(Learned::History(Box::new(history), tag));
            };
            let is_needed = !matches!(question.part, Part::Owners | Part::Pipeline(_));
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
        if question.service == Service::CratesApi {
            self.wait_for_turn().await;
        }
        let request = self.services.request(question, known);
        let mut body = Body::new(request.largest);
        let silent = &self.silent[question.service as usize];
        if silent.load(Ordering::Relaxed) >= SILENT {
            let address = redact(self.services.address(question.service).as_str());
            let why = "it was asked often enough".to_owned();
            return Err(Failure::Fetch(FetchError::NoAnswer { address, why }));
        }
        let got = self.getter.get(&request, &mut body).await;
        match &got {
            Err(FetchError::NoAnswer { .. }) => silent.fetch_add(1, Ordering::Relaxed),
            _ => silent.swap(0, Ordering::Relaxed),
        };
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
            Err(error) => Err(Failure::Fetch(self.settle(error))),
        }
    }

    /// What was cut off by the end of the run's time is no fault of the server.
    fn settle(&self, error: FetchError) -> FetchError {
        match error {
            FetchError::TooSlow { address } if Instant::now() >= self.getter.until => {
                FetchError::OverBudget {
                    address,
                    budget: "time",
                }
            }
            error => error,
        }
    }

    async fn wait_for_turn(&self) {
        let Rate::Every(pause) = self.services.api_rate else {
            return;
        };
        let turn = {
            let mut next = self.api_turn.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + pause;
            turn
        };
        sleep_until(turn.min(self.getter.until)).await;
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
}

impl Body {
    fn new(largest: u64) -> Self {
        Self {
            bytes: Vec::new(),
            start: Start::ANEW,
            is_begun: false,
            unpacking: None,
            largest,
        }
    }

    fn finish(mut self, address: &Url) -> Result<Self, FetchError> {
        if let Some(unpacking) = self.unpacking.take() {
            self.bytes = unpacking.finish().map_err(|error| FetchError::CutShort {
                address: redact(address.as_str()),
                why: error.to_string(),
            })?;
        }
        self.check_size()?;
        Ok(self)
    }

    fn check_size(&self) -> std::io::Result<()> {
        if self.in_memory() as u64 <= self.largest {
            return Ok(());
        }
        let what = format!("it unpacks to more than {} bytes", self.largest);
        Err(std::io::Error::other(what))
    }
}

impl Sink for Body {
    fn start(&mut self, start: &Start) -> std::io::Result<()> {
        self.bytes.clear();
        self.is_begun = true;
        self.start = start.clone();
        self.unpacking = (start.packing == Packing::Gzip).then(|| MultiGzDecoder::new(Vec::new()));
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<Next> {
        match &mut self.unpacking {
            Some(unpacking) => unpacking.write_all(bytes)?,
            None => self.bytes.extend_from_slice(bytes),
        }
        self.check_size()?;
        Ok(Next::More)
    }

    fn in_memory(&self) -> usize {
        let unpacked = self.unpacking.as_ref().map(|one| one.get_ref().len());
        unpacked.unwrap_or(self.bytes.len())
    }
}
