//! Path parameters that many operations take.

#![expect(
    dead_code,
    reason = "the fields are read by the derive alone, which makes parameters of them"
)]

use utoipa::IntoParams;
use uuid::Uuid;

/// `{id}`, a row id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ById {
    /// Row id, as the list of the resource shows it.
    #[param(example = "0199c0de-7a00-7000-8000-000000000001")]
    id: Uuid,
}

/// `{id}` of a client.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ByClient {
    /// Row id or `client_id` of the client.
    #[param(example = "intranet")]
    id: String,
}
