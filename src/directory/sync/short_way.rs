//! What the short way of runs takes from the process they run in: which program it is, and room for lists that are held back.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::wecom::Digest;

/// Bytes that all runs of a process hold back together at most; what does not fit is read at once.
const MOST_HELD_BACK: usize = 256 * 1024 * 1024;

/// Tells the SHA-256 of the running program; `None`: it is not known.
pub type WhichProgram = Arc<dyn Fn() -> BoxFuture<'static, Option<Digest>> + Send + Sync>;

/// What runs share. Clones share it.
#[derive(Clone)]
pub struct ShortWay {
    which_program: WhichProgram,
    room: Room,
}

impl ShortWay {
    /// Of this program. Where it is not known, every run takes the long way.
    pub fn of(which_program: WhichProgram) -> Self {
        Self {
            which_program,
            room: Room::default(),
        }
    }

    /// Of no known program.
    pub fn closed() -> Self {
        Self::of(Arc::new(|| async { None::<Digest> }.boxed()))
    }

    /// Which program plans here.
    pub async fn program(&self) -> Option<Digest> {
        (self.which_program)().await
    }

    /// Where lists are held back.
    pub const fn room(&self) -> &Room {
        &self.room
    }
}

/// Room for lists that are held back. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_HELD_BACK)))
    }
}

impl Room {
    /// Takes room for this many bytes, until the place is dropped; `None`: there is none left.
    pub(super) fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_HELD_BACK, Room};

    #[test]
    fn all_share_one_room_and_give_it_back() {
        let room = Room::default();
        let another = room.clone();
        let place = room.take(MOST_HELD_BACK - 1).unwrap();
        assert!(another.take(2).is_none());
        let rest = another.take(1).unwrap();
        assert!(room.take(1).is_none());
        drop((place, rest));
        assert!(another.take(MOST_HELD_BACK).is_some());
        assert!(another.take(MOST_HELD_BACK + 1).is_none());
    }
}
