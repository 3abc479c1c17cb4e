//! A program of the user's, run within bounds: its time and what it writes are limited, and it is ended where it exceeds them.

use std::io::{self, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

/// How much of what a program complains about is kept, in bytes.
const COMPLAINT_BYTES: u64 = 64 << 10;

/// How soon the end of a program is looked for, and again after twice the time: most end as they close their output.
const FIRST_GLANCE: Duration = Duration::from_micros(50);

/// How long it is waited between two glances at most.
const LAST_GLANCE: Duration = Duration::from_millis(5);

/// What a program may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Until it has ended.
    pub(crate) time: Duration,
    /// On standard output.
    pub(crate) bytes: u64,
}

/// What a program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// All that it wrote to standard output.
    pub(crate) output: Vec<u8>,
    /// The beginning of what it wrote to standard error.
    pub(crate) complaint: Vec<u8>,
}

/// Why a program gave no answer.
#[derive(Debug, Error)]
pub(crate) enum ProcessError {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    Start(io::Error),
    /// It could not be listened to.
    #[error("it could not be listened to: {0}")]
    Read(io::Error),
    /// It took too long.
    #[error("it did not end within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// It wrote too much.
    #[error("it wrote more than {0} bytes")]
    TooLarge(u64),
}

/// A program that answers questions until there are no more.
#[derive(Debug)]
pub(crate) struct Dialogue {
    child: Child,
    /// Where questions go; none once there are no more.
    pub(crate) question: Option<ChildStdin>,
    /// Where answers come from.
    pub(crate) answer: BufReader<ChildStdout>,
}

impl Dialogue {
    /// Starts the program; nobody listens to its complaints.
    pub(crate) fn start(command: &mut Command) -> Result<Self, ProcessError> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let spawned = command.stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(ProcessError::Start)?;
        let (Some(question), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(ProcessError::Read(io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Self {
            child,
            question: Some(question),
            answer: BufReader::new(answer),
        })
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        // Without questions it would end by itself; whatever it is about by now nobody needs.
        self.question = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program without input. It is ended when it exceeds a bound.
pub(crate) fn run(command: &mut Command, bounds: Bounds) -> Result<Answer, ProcessError> {
    let deadline = Instant::now() + bounds.time;
    let command = command.stdin(Stdio::null());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ProcessError::Start)?;
    let answer = listen(&mut child, bounds, deadline);
    if answer.is_err() {
        // It may have ended by itself in the meantime.
        let _ = child.kill();
        let _ = child.wait();
    }
    answer
}

fn listen(child: &mut Child, bounds: Bounds, deadline: Instant) -> Result<Answer, ProcessError> {
    let output = child.stdout.take().map(|pipe| read(pipe, bounds.bytes + 1));
    let complaint = child.stderr.take().map(|pipe| read(pipe, COMPLAINT_BYTES));
    let late = || ProcessError::TimedOut(bounds.time);
    let take = |pipe: Option<Receiver<io::Result<Vec<u8>>>>| {
        let Some(pipe) = pipe else {
            return Ok(Vec::new());
        };
        match pipe.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => bytes.map_err(ProcessError::Read),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(late()),
        }
    };
    let output = take(output)?;
    if output.len() as u64 > bounds.bytes {
        return Err(ProcessError::TooLarge(bounds.bytes));
    }
    let complaint = take(complaint)?;
    let status = wait(child, deadline)?.ok_or_else(late)?;
    Ok(Answer {
        status,
        output,
        complaint,
    })
}

/// Reads a pipe on a thread of its own, which whoever still holds the other end cannot make us wait for.
fn read(mut pipe: impl Read + Send + 'static, bytes: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let outcome = pipe.by_ref().take(bytes).read_to_end(&mut kept);
        // Nobody listens any more if the time is up.
        let _ = sender.send(outcome.map(|_| kept));
        // A program that cannot get rid of its words would wait for ever.
        let _ = io::copy(&mut pipe, &mut io::sink());
    });
    receiver
}

/// Waits for the end of a program that has closed its output; none if the time is up.
fn wait(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>, ProcessError> {
    let mut glance = FIRST_GLANCE;
    loop {
        match child.try_wait().map_err(ProcessError::Read)? {
            Some(status) => return Ok(Some(status)),
            None if Instant::now() >= deadline => return Ok(None),
            None => thread::sleep(glance),
        }
        glance = (glance * 2).min(LAST_GLANCE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        time: Duration::from_mins(1),
        bytes: 1_000_000,
    };

    fn shell(script: &str, bounds: Bounds) -> Result<Answer, ProcessError> {
        run(Command::new("/bin/sh").args(["-c", script]), bounds)
    }

    #[test]
    fn output_complaint_and_status_are_told_apart() {
        let answer = shell("echo out; echo err >&2; exit 3", BOUNDS).expect("an answer");
        assert_eq!(answer.output, b"out\n");
        assert_eq!(answer.complaint, b"err\n");
        assert_eq!(answer.status.code(), Some(3));
    }

    #[test]
    fn there_is_nothing_to_read_for_a_program() {
        let answer = shell("cat", BOUNDS).expect("an answer");
        assert_eq!(answer.output, b"");
    }

    #[test]
    fn one_that_never_ends_is_ended() {
        let bounds = Bounds {
            time: Duration::from_millis(100),
            ..BOUNDS
        };
        let started = Instant::now();
        for script in ["sleep 20", "exec >&- 2>&-; sleep 20", "sleep 20 & exit 0"] {
            let error = shell(script, bounds).expect_err("the time is up");
            assert!(matches!(error, ProcessError::TimedOut(_)), "{error}");
        }
        assert!(started.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn one_that_writes_without_end_is_ended() {
        let error = shell("while :; do echo endless; done", BOUNDS).expect_err("too much");
        assert!(
            matches!(error, ProcessError::TooLarge(1_000_000)),
            "{error}"
        );
    }

    #[test]
    fn long_complaints_are_cut_and_do_not_stop_it() {
        let script =
            "i=0; while [ $i -lt 20000 ]; do echo complaint >&2; i=$((i+1)); done; echo end";
        let answer = shell(script, BOUNDS).expect("an answer");
        assert_eq!(answer.output, b"end\n");
        assert_eq!(answer.complaint.len() as u64, COMPLAINT_BYTES);
    }

    #[test]
    fn one_that_is_not_there_cannot_be_started() {
        let error = run(&mut Command::new("/no/such/program"), BOUNDS).expect_err("no program");
        let ProcessError::Start(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
