//! What may be followed, what is worth another try, and how long to wait before it. Pure.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use url::Url;

use super::FetchError;
use crate::package::hosts::HostName;
use crate::package::remote;

/// How often something is tried at the most.
const TRIES: usize = 3;

/// The longest that a server may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Returns how long to wait before the second try, the third and so on.
pub(super) fn waits() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_jitter()
        .with_max_times(TRIES - 1)
        .build()
}

/// Tells how long to wait before another try; none if that could not help.
pub(super) fn wait(error: &FetchError, scheduled: Duration) -> Option<Duration> {
    match error {
        FetchError::NoAnswer { .. } | FetchError::TooSlow { .. } | FetchError::CutShort { .. } => {
            Some(scheduled)
        }
        FetchError::Status {
            status: 408 | 429 | 500 | 502 | 503 | 504,
            retry_after,
            ..
        } => match retry_after {
            Some(asked) if *asked > LONGEST_WAIT => None,
            Some(asked) => Some((*asked).max(scheduled)),
            None => Some(scheduled),
        },
        _ => None,
    }
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are more than anybody waits.
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(date.duration_since(now).try_into().unwrap_or_default())
}

/// Refuses a redirect to another host than the one that was asked, unless the project vouches for it.
pub(super) fn check_redirect(from: &Url, to: &Url, trusted: &[HostName]) -> Result<(), String> {
    remote::check(to).map_err(|error| error.to_string())?;
    let is_downgrade = from.scheme() == "https" && to.scheme() != "https";
    let is_same =
        (from.host(), from.port_or_known_default()) == (to.host(), to.port_or_known_default());
    let host = to.host_str().unwrap_or_default();
    let is_trusted = trusted.iter().any(|trusted| trusted.as_str() == host);
    if is_downgrade {
        Err("from https to http".to_owned())
    } else if is_same || is_trusted {
        Ok(())
    } else {
        Err(format!(
            "to {host}, which is not the host that was asked, nor one of `[registry] mirrors`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn status(status: u16, retry_after: Option<u64>) -> FetchError {
        FetchError::Status {
            address: String::new(),
            status,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn a_second_try_waits_as_long_as_the_server_asks_and_no_longer_than_a_minute() {
        let second = Duration::from_secs(1);
        assert_eq!(wait(&status(500, None), second), Some(second));
        assert_eq!(wait(&status(429, Some(0)), second), Some(second));
        assert_eq!(
            wait(&status(429, Some(7)), second),
            Some(Duration::from_secs(7))
        );
        assert_eq!(wait(&status(503, Some(3600)), second), None);
        assert_eq!(wait(&status(403, Some(1)), second), None);
        let page = FetchError::WebPage {
            address: String::new(),
        };
        assert_eq!(wait(&page, second), None);
    }

    #[test]
    fn there_are_three_tries_with_growing_waits() {
        let waits: Vec<Duration> = waits().collect();
        assert_eq!(waits.len(), TRIES - 1);
        // Jitter adds up to the wait itself.
        assert!((200..=400).contains(&waits[0].as_millis()), "{waits:?}");
        assert!((400..=800).contains(&waits[1].as_millis()), "{waits:?}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-11-01T00:00:00Z".parse().expect("a time");
        for (value, seconds) in [
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("Sun, 01 Nov 2026 00:00:09 GMT", Some(9)),
            ("Sat, 31 Oct 2026 00:00:00 GMT", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("-1", None),
            ("soon", None),
        ] {
            let read = retry_after(value, now).map(|wait| wait.as_secs());
            assert_eq!(read, seconds, "{value}");
        }
    }

    #[test]
    fn redirects_stay_on_the_host_or_go_to_one_that_is_vouched_for() {
        let from = url("https://a.example/x");
        let trusted = [HostName::new("mirror.example").expect("a host")];
        let check = |to: &str| check_redirect(&from, &url(to), &trusted);
        assert_eq!(check("https://a.example/y"), Ok(()));
        assert_eq!(check("https://mirror.example/y"), Ok(()));
        for to in [
            "https://evil.example/y",
            "https://a.example:8443/y",
            "https://a.example.evil.example/",
            "http://a.example/y",
            "http://127.0.0.1/y",
            "file:///etc/passwd",
        ] {
            assert!(check(to).is_err(), "{to}");
        }
    }
}
