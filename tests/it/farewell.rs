//! Sign-out told to portals: back-channel as an outbox, front-channel.
