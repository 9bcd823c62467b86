//! Password login, one-time codes, step-up.
