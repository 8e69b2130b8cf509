//! Work that other threads do while the reader reads on.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many bytes may wait for another thread; what comes then the reader does itself.
const MOST_WAITING: usize = 1 << 22;

/// A piece of work that is done, and which one it is.
type Done<T> = (usize, T);

/// A piece of work that waits, which one it is, and how many bytes it holds.
struct Piece<T> {
    nth: usize,
    bytes: usize,
    work: Box<dyn FnOnce() -> T + Send>,
}

/// What waits, and who is at it.
struct Queue<T> {
    pieces: VecDeque<Piece<T>>,
    bytes: usize,
    runners: usize,
}

impl<T> Queue<T> {
    fn take(&mut self) -> Option<Piece<T>> {
        let piece = self.pieces.pop_front()?;
        self.bytes -= piece.bytes;
        Some(piece)
    }

    /// The next piece for a thread that does nothing else.
    fn take_or_leave(&mut self) -> Option<Piece<T>> {
        let piece = self.take();
        self.runners -= usize::from(piece.is_none());
        piece
    }
}

/// Pieces of work done by the threads of rayon, all but one of them where there are several: the reader needs a processor
/// as well. What comes of them comes in the order in which they were begun.
pub(crate) struct Aside<T> {
    begun: usize,
    done: Vec<Done<T>>,
    /// How many of those that are done somebody has been told of.
    told: usize,
    queue: Arc<Mutex<Queue<T>>>,
    channel: (Sender<Done<T>>, Receiver<Done<T>>),
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        let queue = Queue {
            pieces: VecDeque::new(),
            bytes: 0,
            runners: 0,
        };
        Self {
            begun: 0,
            done: Vec::new(),
            told: 0,
            queue: Arc::new(Mutex::new(queue)),
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
        let mut queue = lock(&self.queue);
        if queue.bytes + bytes > MOST_WAITING || rayon::current_thread_index().is_some() {
            drop(queue);
            self.done.push((nth, work()));
            return;
        }
        queue.bytes += bytes;
        let work = Box::new(work);
        queue.pieces.push_back(Piece { nth, bytes, work });
        if queue.runners < rayon::current_num_threads().saturating_sub(1).max(1) {
            queue.runners += 1;
            let (sender, queue) = (self.channel.0.clone(), Arc::clone(&self.queue));
            rayon::spawn(move || run(&queue, &sender));
        }
    }

    /// What other threads have done since this was last asked, in no order.
    pub(crate) fn news(&mut self) -> impl Iterator<Item = &mut T> {
        self.done.extend(self.channel.1.try_iter());
        let from = std::mem::replace(&mut self.told, self.done.len());
        self.done[from..].iter_mut().map(|(_, done)| done)
    }

    /// What came of all of them, in order. What still waits the caller does itself.
    pub(crate) fn all(&mut self) -> Vec<T> {
        let mut done = std::mem::take(&mut self.done);
        let take = || lock(&self.queue).take();
        while let Some(Piece { nth, work, .. }) = take() {
            done.push((nth, work()));
        }
        let missing = self.begun - done.len();
        done.extend(self.channel.1.iter().take(missing));
        (self.begun, self.told) = (0, 0);
        done.sort_unstable_by_key(|(nth, _)| *nth);
        done.into_iter().map(|(_, done)| done).collect()
    }
}

/// Does what waits until nothing does.
fn run<T>(queue: &Mutex<Queue<T>>, sender: &Sender<Done<T>>) {
    let take = || lock(queue).take_or_leave();
    while let Some(Piece { nth, work, .. }) = take() {
        // Nobody listens any more where reading has failed.
        let _ = sender.send((nth, work()));
    }
}

/// No work is done under the lock: what is behind it is whole.
fn lock<T>(queue: &Mutex<Queue<T>>) -> MutexGuard<'_, Queue<T>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn what_is_done_is_news_once() {
        let mut aside = Aside::default();
        let mut news = Vec::new();
        for nth in 0..100 {
            aside.begin(1, move || nth);
            news.extend(aside.news().map(|done| *done));
        }
        while news.len() < 100 {
            news.extend(aside.news().map(|done| *done));
        }
        news.sort_unstable();
        assert_eq!(news, (0..100).collect::<Vec<_>>());
        assert_eq!(aside.all(), news);
        assert_eq!(aside.news().count(), 0);
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
