//! x
use crate::kernel::failure::Result;
use uuid::Uuid;

/// Where a journey shall end.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Local path with query the browser returns to, opaque to us; it finds the new session in the cookie.
    pub return_to: String,
    /// Row id of the portal.
    pub portal: Uuid,
    /// `ui_locales` as asked (OpenID Connect Core 3.1.2.1).
    pub ui_locales: Option<String>,
}

/// Starts journeys.
#[derive(Clone)]
pub struct Journeys {}

impl Journeys {
    /// Starts a journey; the answer is the local path to redirect the browser to.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin(&self, _wanted: Wanted) -> Result<String> {
        todo!()
    }
}
