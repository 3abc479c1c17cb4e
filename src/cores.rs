//! Independent work at once, on all cores or for as long as others take; results in order, and one piece of work starts no thread.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// Maps items on all cores. The results stand in the order of the items, whatever finishes first.
pub(crate) fn map<'i, T: Sync, R: Send>(
    items: &'i [T],
    work: impl Fn(&'i T) -> R + Sync + Send,
) -> Vec<R> {
    match items {
        [] => Vec::new(),
        [only] => vec![work(only)],
        many => many.par_iter().map(work).collect(),
    }
}

/// Maps items of which each waits for others more than it computes, so many at once. The results stand in the order of the items.
pub(crate) fn map_waiting<'i, T: Sync, R: Send>(
    items: &'i [T],
    at_once: usize,
    work: impl Fn(&'i T) -> R + Sync + Send,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((place, item)) = nth(items, next.fetch_add(1, Ordering::Relaxed)) {
            done.push((place, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        // A machine that grants no more threads has fewer do the work, and this one in any case.
        let others = (1..at_once.min(items.len())).map_while(|_| {
            let thread = std::thread::Builder::new();
            thread.spawn_scoped(scope, take).ok()
        });
        let others: Vec<_> = others.collect();
        let mut done = take();
        for thread in others {
            match thread.join() {
                Ok(more) => done.extend(more),
                // A panic is a bug, and no result.
                Err(panic) => resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn nth<T>(items: &[T], place: usize) -> Option<(usize, &T)> {
    Some((place, items.get(place)?))
}

/// Does two pieces of work at once.
pub(crate) fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(one, other)
}

#[cfg(test)]
mod tests {
    use super::{AtomicUsize, Ordering, map, map_waiting};

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), doubled);
            for at_once in [0, 1, 3] {
                assert_eq!(map_waiting(&items, at_once, |item| item * 2), doubled);
            }
        }
    }

    #[test]
    fn work_that_waits_is_done_at_once_and_not_more_of_it() {
        // Whoever comes waits for two others, so that fewer at once would wait for ever.
        let others = std::sync::Barrier::new(3);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        map_waiting(&[(); 6], 3, |()| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            others.wait();
            running.fetch_sub(1, Ordering::SeqCst);
        });
        assert_eq!(most.into_inner(), 3);
    }

    #[test]
    fn one_piece_of_work_is_done_where_it_was_asked_for() {
        assert_eq!(
            map(&[()], |()| std::thread::current().id()),
            [std::thread::current().id()]
        );
    }
}
