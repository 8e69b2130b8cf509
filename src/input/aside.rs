//! Work that other threads do while the reader reads on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// So many bytes may wait for another thread; what comes then the reader does itself.
const MOST_WAITING: usize = 1 << 22;

/// A piece of work that is done, and which one it is.
type Done<T> = (usize, T);

/// Pieces of work done by the threads of rayon; what comes of them comes in the order in which they were begun.
#[derive(Debug)]
pub(crate) struct Aside<T> {
    begun: usize,
    done: Vec<Done<T>>,
    waiting: Arc<AtomicUsize>,
    channel: (Sender<Done<T>>, Receiver<Done<T>>),
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Self {
            begun: 0,
            done: Vec::new(),
            waiting: Arc::default(),
            channel: channel(),
        }
    }
}

impl<T: Send + 'static> Aside<T> {
    /// Has a piece of work done, which holds so many bytes. On a thread of rayon there are other plans to be read: there
    /// it is done at once, and nobody waits for a thread that waits itself.
    pub(crate) fn begin(&mut self, bytes: usize, work: impl FnOnce() -> T + Send + 'static) {
        let nth = self.begun;
        self.begun += 1;
        let busy = self.waiting.load(Ordering::Relaxed) + bytes > MOST_WAITING;
        if busy || rayon::current_thread_index().is_some() {
            self.done.push((nth, work()));
            return;
        }
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let (sender, waiting) = (self.channel.0.clone(), Arc::clone(&self.waiting));
        rayon::spawn(move || {
            let done = work();
            waiting.fetch_sub(bytes, Ordering::Relaxed);
            // Nobody listens any more where reading has failed.
            let _ = sender.send((nth, done));
        });
    }

    /// What came of all of them, in order.
    pub(crate) fn all(&mut self) -> Vec<T> {
        let mut done = std::mem::take(&mut self.done);
        let missing = self.begun - done.len();
        done.extend(self.channel.1.iter().take(missing));
        self.begun = 0;
        done.sort_unstable_by_key(|(nth, _)| *nth);
        done.into_iter().map(|(_, done)| done).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Aside, MOST_WAITING};

    #[test]
    fn what_comes_of_the_work_is_in_order_wherever_it_was_done() {
        for bytes in [1, MOST_WAITING / 2, MOST_WAITING * 2] {
            let mut aside = Aside::default();
            for turn in 0..2 {
                (0..100).for_each(|nth| aside.begin(bytes, move || nth + turn));
                assert_eq!(aside.all(), (turn..100 + turn).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_thread_of_the_pool_does_its_work_itself() {
        let at = rayon::spawn_fifo;
        let (sender, receiver) = std::sync::mpsc::channel();
        at(move || {
            let mut aside = Aside::default();
            let own = std::thread::current().id();
            aside.begin(1, move || std::thread::current().id() == own);
            sender.send(aside.all()).expect("somebody listens");
        });
        assert_eq!(receiver.recv().expect("sent"), [true]);
    }
}
