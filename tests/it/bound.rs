//! Tokens bound to a key (RFC 9449), tokens for resource servers (RFC 8707) and for clients without a user (RFC 6749 section 4.4).
