//! The stopwatch: warm up, run many times, keep the median and the least; print beside a bar.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many runs are thrown away first: caches fill, clocks rise.
const WARM_UP: usize = 2;

/// How long one piece of work took in many runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Half of the runs were faster.
    pub(crate) median: Duration,
    /// The fastest run: nearest to what the work costs on an idle machine.
    pub(crate) least: Duration,
}

/// What a design asks of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bar {
    /// At most so many milliseconds.
    Milliseconds(f64),
    /// At most so many times as long as a floor that was measured in turn with it.
    Times(f64, Timing),
    /// At most such a part of the time of another program that was measured in turn with it.
    Faster(f64, Timing),
    /// At most so many milliseconds more than a floor that was measured in turn with it.
    Beyond(f64, Timing),
    /// Nothing; the ratio to a floor is told.
    Beside(Timing),
    /// Nothing; the time is told.
    Nothing,
}

/// Measures one piece of work. Its result is dropped off the clock.
pub(crate) fn measure<T>(runs: usize, mut work: impl FnMut() -> T) -> Timing {
    let times = (0..WARM_UP + runs).map(|_| time(&mut work));
    Timing::of(times.skip(WARM_UP).collect())
}

/// Measures some work and a floor beneath it in turn, so that both see the same weather.
pub(crate) fn measure_beside<T, F>(
    runs: usize,
    mut work: impl FnMut() -> T,
    mut floor: impl FnMut() -> F,
) -> (Timing, Timing) {
    let pairs = (0..WARM_UP + runs).map(|_| (time(&mut work), time(&mut floor)));
    let (work, floor) = pairs.skip(WARM_UP).unzip();
    (Timing::of(work), Timing::of(floor))
}

fn time<T>(work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let taken = start.elapsed();
    drop(result);
    taken
}

impl Timing {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self {
            median: times.get(times.len() / 2).copied().unwrap_or_default(),
            least: times.first().copied().unwrap_or_default(),
        }
    }

    /// Says how many times as long as another this took, by the medians.
    fn ratio(self, floor: Self) -> f64 {
        self.median.as_secs_f64() / floor.median.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// Adds what follows this in one piece of work.
    pub(crate) fn and(self, next: Self) -> Self {
        Self {
            median: self.median + next.median,
            least: self.least + next.least,
        }
    }
}

impl Bar {
    /// Words how a timing stands beside the bar.
    fn judge(self, timing: Timing) -> String {
        let milliseconds = milliseconds(timing.median);
        match self {
            Self::Milliseconds(bar) => {
                format!("bar {bar} ms: {}", met(milliseconds <= bar))
            }
            Self::Times(bar, floor) => {
                let ratio = timing.ratio(floor);
                format!("{ratio:.2} x the floor, bar {bar} x: {}", met(ratio <= bar))
            }
            Self::Faster(bar, peer) => {
                let ratio = peer.ratio(timing);
                format!("{ratio:.1} x as fast, bar {bar} x: {}", met(ratio >= bar))
            }
            Self::Beyond(bar, floor) => {
                let beyond = milliseconds - self::milliseconds(floor.median);
                format!(
                    "{beyond:.1} ms beyond the floor, bar {bar} ms: {}",
                    met(beyond <= bar)
                )
            }
            Self::Beside(floor) => format!("{:.2} x the floor", timing.ratio(floor)),
            Self::Nothing => String::new(),
        }
    }
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Prints one figure.
pub(crate) fn tell(what: &str, timing: Timing, bar: Bar) {
    let line = format!(
        "  {what:<58} {:>9.3} ms median {:>9.3} ms least  {}",
        milliseconds(timing.median),
        milliseconds(timing.least),
        bar.judge(timing)
    );
    say(line.trim_end());
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "figures are what a bench is run for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
