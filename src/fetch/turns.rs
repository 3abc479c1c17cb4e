//! Turns: when a service that asks to be left in peace may be asked next.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::inquiry::Rate;

/// The turns of those who ask one service.
#[derive(Debug)]
pub(super) struct Turns {
    rate: Rate,
    /// When the next turn is at the earliest.
    next: Mutex<Instant>,
}

impl Turns {
    /// Begins now.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for a turn, but no longer than until a moment.
    pub(super) async fn wait(&self, until: Instant) {
        let turn = self.take(Instant::now());
        sleep_until(turn.min(until)).await;
    }

    /// Returns how long somebody who came now would wait.
    pub(super) fn delay(&self) -> Duration {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        match self.rate {
            Rate::Every(_) => next.saturating_duration_since(Instant::now()),
            Rate::Free => Duration::ZERO,
        }
    }

    /// Takes the next turn; says when it is.
    fn take(&self, now: Instant) -> Instant {
        let Rate::Every(pause) = self.rate else {
            return now;
        };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(now);
        *next = turn + pause;
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_the_api_of_crates_io_waits_until_a_second_after_the_one_before() {
        let turns = Turns::new(Rate::CRATES_IO);
        let start = *turns.next.lock().expect("nobody panicked");
        let after = |seconds| start + Duration::from_secs(seconds);
        // Three ask at once, one of them for the second time.
        let taken = [start, start, start].map(|now| turns.take(now));
        assert_eq!(taken, [after(0), after(1), after(2)]);
        // Whoever comes later than the next turn goes at once, and nobody may make up for lost time.
        assert_eq!(turns.take(after(60)), after(60));
        assert_eq!(turns.take(after(60)), after(61));
    }

    #[test]
    fn who_asks_nothing_is_asked_at_once() {
        let turns = Turns::new(Rate::Free);
        let now = Instant::now();
        assert_eq!([turns.take(now), turns.take(now)], [now, now]);
    }
}
