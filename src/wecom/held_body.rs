//! The body of a reply as it came, kept while it may stay unread, and the room that all of them take together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that are held back in a room at most; what does not fit is read at once.
const MOST_HELD_BACK: usize = 256 * 1024 * 1024;

/// Room for bodies that are held back. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_HELD_BACK)))
    }
}

impl Room {
    /// Takes room for this many bytes, until the place is dropped; `None`: there is none left.
    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

/// A body, or as much of one as came.
#[derive(Debug, Default)]
pub(super) struct HeldBody(Vec<(Vec<u8>, OwnedSemaphorePermit)>);

impl HeldBody {
    /// Adds the next part.
    ///
    /// # Errors
    /// The part, where there is no room left for it.
    pub(super) fn add(&mut self, part: Vec<u8>, room: &Room) -> Result<(), Vec<u8>> {
        let Some(place) = room.take(part.capacity()) else {
            return Err(part);
        };
        self.0.push((part, place));
        Ok(())
    }

    /// The parts in their order; each gives its room back where it is dropped.
    pub(super) fn into_parts(self) -> impl Iterator<Item = (Vec<u8>, OwnedSemaphorePermit)> {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_finds_no_room_is_handed_back_and_a_part_that_was_read_makes_room() {
        let room = Room::default();
        let almost_all = room.take(MOST_HELD_BACK - 5).unwrap();
        let (mut held, mut other) = (HeldBody::default(), HeldBody::default());
        assert!(held.add(vec![1; 5], &room).is_ok());
        assert_eq!(other.add(vec![2], &room), Err(vec![2]));
        assert_eq!(
            held.into_parts().map(|(part, _)| part).collect::<Vec<_>>(),
            [vec![1; 5]]
        );
        assert!(other.add(vec![2], &room).is_ok());
        drop(almost_all);
    }
}
