//! Consent, the page of my sign-ins, sessions over the API, sweeping.
