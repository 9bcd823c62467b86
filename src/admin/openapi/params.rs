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

/// `{id}` of a suite, and `{invitation}` of it.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ByInvitation {
    /// Row id of the suite.
    #[param(example = "0199c0de-7a00-7000-8000-000000000001")]
    id: Uuid,
    /// Row id of the invitation.
    #[param(example = "0199c0de-7a00-7000-8000-000000000002")]
    invitation: Uuid,
}

/// `{id}` of a data source, and `{move}` of it.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ByMove {
    /// Row id of the data source.
    #[param(example = "0199c0de-7a00-7000-8000-000000000001")]
    id: Uuid,
    /// Row id of the move.
    #[param(rename = "move", example = "0199c0de-7a00-7000-8000-000000000002")]
    move_id: Uuid,
}

/// What the state of a resource must be for it to be changed.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct InState {
    /// Entity tags of states in which the change may be made, or `*`; in any other state nothing is changed (RFC 9110 §13.1.1). Absent: in any.
    #[param(rename = "If-Match", pattern = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#)]
    if_match: Option<String>,
}

/// What the state of a resource must be for it to be shown.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ShownInState {
    /// Entity tags of states in which it is to be shown, or `*`; in any other state the reply is 412 (RFC 9110 §13.1.1). Absent: in any.
    #[param(rename = "If-Match", pattern = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#)]
    if_match: Option<String>,
}

/// The state of a resource that the reader has already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Known {
    /// Entity tags of states that the reader has; where the resource is in one of them the reply is 304 (RFC 9110 §13.1.2).
    #[param(rename = "If-None-Match", pattern = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#)]
    if_none_match: Option<String>,
}

/// `{id}` of a client.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ByClient {
    /// Row id or `client_id` of the client.
    #[param(example = "intranet")]
    id: String,
}
