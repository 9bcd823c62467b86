//! Our copies of the logos of portals: the picture at a portal's `logo_uri` is fetched once, checked and shown from our own address, so that no
//! browser of somebody who signs in asks a server elsewhere, and our pages show pictures of our own alone.

mod service;
mod store;
