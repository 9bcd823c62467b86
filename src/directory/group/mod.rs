//! Groups of ours: users whom admins put together, wherever they came from. Portals name them among those who may enter, and may be told of
//! them in a claim. WeCom's departments and tags are in [`contacts`](super::contacts).

pub mod input;
pub mod listing;
pub mod service;
pub mod store;
pub mod view;
