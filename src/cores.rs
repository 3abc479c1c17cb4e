//! Independent work on all cores, in order; one piece of work starts no thread.

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

/// Does two pieces of work at once.
pub(crate) fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(one, other)
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(
                map(&items, |item| item * 2),
                items.iter().map(|item| item * 2).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn one_piece_of_work_is_done_where_it_was_asked_for() {
        assert_eq!(
            map(&[()], |()| std::thread::current().id()),
            [std::thread::current().id()]
        );
    }
}
