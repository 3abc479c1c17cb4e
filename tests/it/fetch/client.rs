//! The client against every fault that a server has.

use std::io;
use std::time::{Duration, Instant};

use linchpin::fetch::{Client, FetchError, Held, Next, Patience, Request, Sink, Start};
use linchpin::package::RemoteAddress;
use linchpin::package::hosts::HostName;

use crate::support::server::{Answer, Server};

const SHORT: Patience = Patience {
    connect: Duration::from_millis(500),
    silence: Duration::from_millis(150),
    total: Duration::from_secs(10),
    bytes: u64::MAX,
};

fn client(server: &Server, patience: Patience, trusted: &[HostName]) -> Client {
    let base = RemoteAddress::new(&server.address()).expect("an address");
    Client::new(&base, patience, trusted).expect("a client")
}

fn request(server: &Server, path: &str) -> Request {
    let base = RemoteAddress::new(&server.address()).expect("an address");
    Request::new(base.below(&[path]), 1 << 20)
}

fn read(server: &Server) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    client(server, SHORT, &[]).read(&request(server, "a"), &mut bytes)?;
    Ok(bytes)
}

/// A server that gives one answer to everybody.
fn with(answer: Answer) -> Server {
    let server = Server::start();
    server.answer("/a", answer);
    server
}

fn status(status: u16) -> Answer {
    Answer::Status(status, Vec::new())
}

fn failure(answer: Answer) -> (String, usize) {
    let server = with(answer);
    let error = read(&server).expect_err("a fault");
    (
        error.to_string().replace(&server.address(), "SERVER/"),
        server.asked().len(),
    )
}

#[test]
fn what_a_server_has_is_read_whole() {
    let server = with(Answer::Bytes(b"all of it".to_vec()));
    assert_eq!(read(&server).expect("an answer"), b"all of it");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_fails_in_passing_is_tried_three_times() {
    for fault in [status(500), status(503), status(429), status(408)] {
        let server = Server::start();
        server.answer_in_turn(
            "/a",
            [fault.clone(), fault.clone(), Answer::Bytes(b"it".to_vec())],
        );
        assert_eq!(read(&server).expect("an answer"), b"it");
        let (error, tries) = failure(fault);
        assert!(
            error.starts_with("SERVER/a answered with status "),
            "{error}"
        );
        assert_eq!(tries, 3);
    }
}

#[test]
fn what_another_try_cannot_mend_is_asked_for_once() {
    for (fault, expected) in [
        (status(403), "SERVER/a answered with status 403"),
        (status(404), "SERVER/a does not exist (status 404)"),
        (
            Answer::Kind("TEXT/HTML; charset=utf-8", b"<html>".to_vec()),
            "SERVER/a answered with a web page instead of data",
        ),
        (
            Answer::Claims(1 << 40),
            "SERVER/a sends more than 1048576 bytes",
        ),
        (Answer::Endless, "SERVER/a sends more than 1048576 bytes"),
        (
            Answer::Status(503, vec![("Retry-After", "3600".to_owned())]),
            "SERVER/a answered with status 503",
        ),
    ] {
        assert_eq!(failure(fault), (expected.to_owned(), 1));
    }
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_left_alone() {
    let server = Server::start();
    let busy = Answer::Status(429, vec![("Retry-After", "1".to_owned())]);
    server.answer_in_turn("/a", [busy, Answer::Bytes(b"it".to_vec())]);
    let began = Instant::now();
    assert_eq!(read(&server).expect("an answer"), b"it");
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[test]
fn an_answer_that_is_cut_short_is_never_taken_for_a_whole_one() {
    let (error, tries) = failure(Answer::CutShort(b"all of it".to_vec(), 3));
    assert!(
        error.starts_with("the answer of SERVER/a was cut short: "),
        "{error}"
    );
    assert_eq!(tries, 3);
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let began = Instant::now();
    let (error, tries) = failure(Answer::Silent(Duration::from_secs(5)));
    assert_eq!(
        (error.as_str(), tries),
        ("SERVER/a took too long to answer", 3)
    );
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn everything_together_has_an_end() {
    let server = with(Answer::Silent(Duration::from_secs(30)));
    let patience = Patience {
        silence: Duration::from_secs(30),
        total: Duration::from_millis(300),
        ..SHORT
    };
    let client = client(&server, patience, &[]);
    let began = Instant::now();
    let error = client.read(&request(&server, "a"), &mut Vec::new());
    assert!(matches!(error, Err(FetchError::TooSlow { .. })));
    // The time is the client's, not that of each request.
    let error = client.read(&request(&server, "a"), &mut Vec::new());
    assert!(matches!(error, Err(FetchError::TooSlow { .. })));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn nobody_at_the_address_is_no_answer() {
    let base = RemoteAddress::new("http://127.0.0.1:9/").expect("an address");
    let client = Client::new(&base, SHORT, &[]).expect("a client");
    let request = Request::new(base.below(&["a"]), 1);
    let error = client.read(&request, &mut Vec::new());
    assert!(matches!(error, Err(FetchError::NoAnswer { .. })));
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let server = with(Answer::Status(302, vec![("Location", "/b".to_owned())]));
    server.answer("/b", Answer::Bytes(b"moved".to_vec()));
    assert_eq!(read(&server).expect("an answer"), b"moved");
}

#[test]
fn a_redirect_to_a_host_that_nobody_vouches_for_is_not_followed() {
    let foreign = with(Answer::Bytes(b"foreign".to_vec()));
    for to in [
        format!("{}a", foreign.address()),
        format!("{}a", foreign.address().replace("127.0.0.1", "localhost")),
        "https://evil.example/a".to_owned(),
    ] {
        let (error, tries) = failure(Answer::Status(302, vec![("Location", to.clone())]));
        assert!(
            error.starts_with("SERVER/a leads elsewhere, which was not followed: "),
            "{to}: {error}"
        );
        assert_eq!(tries, 1);
    }
    assert_eq!(foreign.asked(), []);
}

#[test]
fn a_redirect_to_a_host_that_was_configured_is_followed() {
    let other = with(Answer::Bytes(b"mirrored".to_vec()));
    let to = format!("{}a", other.address().replace("127.0.0.1", "localhost"));
    let server = with(Answer::Status(302, vec![("Location", to)]));
    let trusted = [HostName::new("localhost").expect("a host")];
    let mut bytes = Vec::new();
    client(&server, SHORT, &trusted)
        .read(&request(&server, "a"), &mut bytes)
        .expect("an answer");
    assert_eq!(bytes, b"mirrored");
}

#[test]
fn a_redirect_that_leads_to_itself_ends() {
    let (error, _) = failure(Answer::Status(302, vec![("Location", "/a".to_owned())]));
    assert!(error.ends_with("too often"), "{error}");
}

/// A sink that holds a beginning, as of an earlier run.
struct Begun {
    bytes: Vec<u8>,
    tag: String,
    starts: Vec<u64>,
}

impl Sink for Begun {
    fn held(&self) -> Option<Held> {
        (!self.bytes.is_empty()).then(|| Held {
            bytes: self.bytes.len() as u64,
            validator: self.tag.clone(),
        })
    }

    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.bytes
            .truncate(usize::try_from(start.at).expect("a short answer"));
        self.tag = start.validator.clone().unwrap_or_default();
        self.starts.push(start.at);
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        self.bytes.extend_from_slice(bytes);
        Ok(Next::More)
    }
}

#[test]
fn a_download_that_was_cut_short_goes_on_where_it_ended() {
    let whole = b"all of it".to_vec();
    let server = Server::start();
    server.answer_in_turn(
        "/a",
        [
            Answer::CutShort(whole.clone(), 4),
            Answer::Bytes(whole.clone()),
        ],
    );
    let mut sink = Begun {
        bytes: Vec::new(),
        tag: String::new(),
        starts: Vec::new(),
    };
    client(&server, SHORT, &[])
        .read(&request(&server, "a"), &mut sink)
        .expect("an answer");
    assert_eq!((sink.bytes, sink.starts), (whole, vec![0, 4]));
    let ranges: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.range)
        .collect();
    assert_eq!(ranges, [None, Some("bytes=4-".to_owned())]);
}

#[test]
fn a_beginning_that_is_longer_than_the_whole_is_dropped() {
    let server = with(Answer::Bytes(b"new".to_vec()));
    let mut sink = Begun {
        bytes: b"much longer".to_vec(),
        tag: "\"old\"".to_owned(),
        starts: Vec::new(),
    };
    client(&server, SHORT, &[])
        .read(&request(&server, "a"), &mut sink)
        .expect("an answer");
    assert_eq!((sink.bytes, sink.starts), (b"new".to_vec(), vec![0, 0]));
}

#[test]
fn many_things_are_read_by_their_place_in_the_list() {
    let server = Server::start();
    let requests: Vec<Request> = (0..50)
        .map(|number| {
            let path = number.to_string();
            if number % 10 != 0 {
                server.answer(
                    &format!("/{path}"),
                    Answer::Bytes(path.clone().into_bytes()),
                );
            }
            request(&server, &path)
        })
        .collect();
    let mut got = Vec::new();
    client(&server, SHORT, &[]).read_many(requests, &mut |place, answer| {
        match answer {
            Ok(bytes) => assert_eq!(bytes, place.to_string().into_bytes()),
            Err(error) => assert!(matches!(error, FetchError::NotFound { .. })),
        }
        got.push(place);
        Next::More
    });
    got.sort_unstable();
    assert_eq!(got, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_beginning_that_is_the_whole_is_not_fetched_again() {
    let server = with(Answer::Bytes(b"whole".to_vec()));
    let mut sink = Begun {
        bytes: b"whole".to_vec(),
        tag: "\"old\"".to_owned(),
        starts: Vec::new(),
    };
    client(&server, SHORT, &[])
        .read(&request(&server, "a"), &mut sink)
        .expect("an answer");
    assert_eq!((sink.bytes, sink.starts), (b"whole".to_vec(), Vec::new()));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_length_that_no_number_holds_is_too_large() {
    let server = Server::start();
    let rest = Answer::Rest("bytes 4-8/9", u64::MAX - 2);
    server.answer("/a", rest);
    let mut sink = Begun {
        bytes: b"half".to_vec(),
        tag: "\"tag\"".to_owned(),
        starts: Vec::new(),
    };
    let error = client(&server, SHORT, &[]).read(&request(&server, "a"), &mut sink);
    assert!(
        matches!(error, Err(FetchError::TooLarge { .. })),
        "{error:?}"
    );
}
