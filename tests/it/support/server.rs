//! A server of feeds on this machine, with the faults that servers have.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What a server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It sends these bytes, or the rest of them that was asked for.
    Bytes(Vec<u8>),
    /// It sends a status and these lines of a head.
    Status(u16, Vec<(&'static str, String)>),
    /// It sends bytes of some kind.
    Kind(&'static str, Vec<u8>),
    /// It promises all bytes, sends so many of them and hangs up.
    CutShort(Vec<u8>, usize),
    /// It says that it sends so many bytes.
    Claims(u64),
    /// It claims to send a part, this one, of so many bytes.
    Rest(&'static str, u64),
    /// It sends bytes without saying how many, and never stops.
    Endless,
    /// It sends bytes that it says are packed by gzip.
    Packed(Vec<u8>),
    /// It sends one byte after the other with a pause between, and never stops.
    Drip(Duration),
    /// It reads the request and hangs up.
    HangUp,
    /// It says nothing for a while, and then hangs up.
    Silent(Duration),
}

/// A request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    /// The value of `Authorization`.
    pub(crate) secret: Option<String>,
    /// The value of `If-None-Match`.
    pub(crate) known: Option<String>,
}

#[derive(Default)]
struct State {
    /// For each path what is answered, one after the other; the last answer stays.
    answers: BTreeMap<String, Vec<Answer>>,
    /// What is answered at any other path; that there is nothing, if nobody said.
    otherwise: Option<Answer>,
    asked: Vec<Asked>,
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Server {
    /// Starts one that knows nothing.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Whoever hangs up first is no failure of the test.
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Self { state, port }
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Says what is answered at a path from now on.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.answer_in_turn(path, [answer]);
    }

    /// Says what is answered at a path, one after the other.
    pub(crate) fn answer_in_turn<const N: usize>(&self, path: &str, answers: [Answer; N]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.answers.insert(path.to_owned(), answers.into());
    }

    /// Says what is answered at every path of which nothing else was said.
    pub(crate) fn answer_otherwise(&self, answer: Answer) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.otherwise = Some(answer);
    }

    /// Returns what was asked so far, and forgets it.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.asked)
    }

    /// Returns the paths that were asked for so far, and forgets them.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = None;
    let mut secret = None;
    let mut known = None;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let head = line.trim().to_ascii_lowercase();
        if head.starts_with("authorization: ") {
            secret = line
                .trim()
                .split_once(": ")
                .map(|(_, value)| value.to_owned());
        }
        if let Some(value) = head.strip_prefix("range: ") {
            range = Some(value.to_owned());
        }
        if let Some(value) = head.strip_prefix("if-none-match: ") {
            known = Some(value.to_owned());
        }
    }
    let answer = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = Asked {
            path: path.clone(),
            range: range.clone(),
            secret,
            known: known.clone(),
        };
        state.asked.push(asked);
        match state.answers.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => {
                let otherwise = state.otherwise.clone();
                otherwise.unwrap_or(Answer::Status(404, Vec::new()))
            }
        }
    };
    let answer = match answer {
        Answer::Bytes(bytes) if known == Some(tag(&bytes)) => Answer::Status(304, Vec::new()),
        answer => answer,
    };
    send(stream, answer, range.as_deref())
}

fn send(mut stream: &TcpStream, answer: Answer, range: Option<&str>) -> std::io::Result<()> {
    match answer {
        Answer::Bytes(bytes) => send_bytes(stream, &bytes, range),
        Answer::Status(status, heads) => {
            write!(
                stream,
                "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: 0\r\n"
            )?;
            for (name, value) in heads {
                write!(stream, "{name}: {value}\r\n")?;
            }
            stream.write_all(b"\r\n")
        }
        Answer::Kind(kind, bytes) => {
            let length = bytes.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(&bytes)
        }
        Answer::CutShort(bytes, at) => {
            let length = bytes.len();
            let tag = tag(&bytes);
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: {tag}\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(&bytes[..at])
        }
        Answer::Claims(length) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
            )
        }
        Answer::Rest(range, length) => write!(
            stream,
            "HTTP/1.1 206 x\r\nConnection: close\r\nETag: \"tag\"\r\nContent-Range: {range}\r\nContent-Length: {length}\r\n\r\n"
        ),
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b'a'; 1 << 12])?;
            }
        }
        Answer::Packed(bytes) => {
            let length = bytes.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(&bytes)
        }
        Answer::Drip(pause) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(b"a")?;
                stream.flush()?;
                thread::sleep(pause);
            }
        }
        Answer::HangUp => Ok(()),
        Answer::Silent(time) => {
            stream.set_read_timeout(Some(time))?;
            // It ends when the other side gives up, or the time is over.
            let _ = stream.read(&mut [0]);
            Ok(())
        }
    }
}

fn send_bytes(mut stream: &TcpStream, bytes: &[u8], range: Option<&str>) -> std::io::Result<()> {
    let part = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let start: Option<usize> = part.and_then(|(start, _)| start.parse().ok());
    let end: Option<usize> = part.and_then(|(_, end)| end.parse().ok());
    let tag = tag(bytes);
    match start {
        Some(start) if start >= bytes.len() => {
            let all = bytes.len();
            write!(
                stream,
                "HTTP/1.1 416 x\r\nConnection: close\r\nContent-Range: bytes */{all}\r\nContent-Length: 0\r\n\r\n"
            )
        }
        Some(start) => {
            let last = end.unwrap_or(usize::MAX).min(bytes.len() - 1);
            let length = last + 1 - start;
            let all = bytes.len();
            write!(
                stream,
                "HTTP/1.1 206 x\r\nConnection: close\r\nETag: {tag}\r\nContent-Range: bytes {start}-{last}/{all}\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(&bytes[start..=last])
        }
        None => {
            let length = bytes.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: {tag}\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(bytes)
        }
    }
}

/// An entity tag that depends on all bytes.
fn tag(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    format!("\"{sum:x}\"")
}
