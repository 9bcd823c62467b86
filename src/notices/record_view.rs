//! Notices and their deliveries as the API shows them: what was told, to whom, and what is known of it. Never where a notice led, which may be a
//! secret of whoever got it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    delivery::{ChannelKind, State},
    failure::NoticeFailure,
    model::Topic,
};
use crate::{directory::setup_problem::Problem, kernel::failure::Entry};

/// Something Menjin told, or tries to tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeView {
    /// Row id.
    pub id: Uuid,
    /// What it is about.
    pub topic: Topic,
    /// Row id of the data source that it is about; null: of none.
    pub data_source_id: Option<Uuid>,
    /// The matter, by which all its notices are found.
    #[schema(example = "access_request:0199c0de-7a00-7000-8000-000000000001")]
    pub subject: String,
    /// What it says, in a line in English.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// To whom; empty: nobody subscribed.
    pub deliveries: Vec<DeliveryView>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
}

/// A notice on its way to one address, or at its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NoticeDelivery)]
pub struct DeliveryView {
    /// Row id; webhooks get it as `webhook-id`, mails in their `Message-ID`.
    pub id: Uuid,
    /// By what.
    pub kind: ChannelKind,
    /// Row id of the channel; null: by the WeCom app of the data source, to somebody who did not subscribe.
    pub channel_id: Option<Uuid>,
    /// Name of the channel; null: it is gone, or there was none.
    pub channel: Option<String>,
    /// E-mail address or member ID; null: a webhook.
    pub address: Option<String>,
    /// Its language.
    #[schema(example = "zh-CN")]
    pub language: String,
    /// How it stands.
    pub state: State,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next, milliseconds since 1970; null: it is settled.
    pub next_at: Option<i64>,
    /// Status of the last answer: of HTTP, of SMTP, or WeCom's errcode; null: there was none.
    pub last_status: Option<i32>,
    /// What was wrong with the last attempt; null: nothing.
    pub last_error: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// What the other side calls the message; null: it did not say.
    pub provider_id: Option<String>,
    /// When the other side accepted it, milliseconds since 1970; null: it did not.
    pub delivered_at: Option<i64>,
}

/// Which notices are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct NoticeFilter {
    /// About this.
    pub topic: Option<Topic>,
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// Of this matter.
    pub subject: Option<String>,
    /// With a delivery in this state.
    pub state: Option<State>,
    /// With a delivery by this channel.
    pub channel: Option<Uuid>,
}

/// What of a notice is sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NoticeResend)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Row id of one delivery, whatever became of it; null or absent: all that failed or were given up.
    #[serde(default)]
    pub delivery_id: Option<Uuid>,
}

/// What is wrong with a delivery, by the number its last error begins with.
pub fn problem(state: State, error: Option<&str>) -> Option<Problem> {
    let error = error?;
    let number = error.split(':').next().unwrap_or_default();
    let entry = crate::entry(number).unwrap_or_else(|| NoticeFailure::MailUnreachable.entry());
    let problem = Problem::of(entry, detail(error, entry));
    match state {
        State::Failed | State::Abandoned => Some(problem),
        State::Pending | State::Held => Some(problem.warning()),
        State::Delivered => None,
    }
}

/// What an error says besides its number and its sentence, which the problem has already.
fn detail<'a>(error: &'a str, entry: &Entry) -> &'a str {
    let rest = error
        .strip_prefix(entry.number)
        .and_then(|rest| rest.strip_prefix(": "));
    let Some(said) = rest.and_then(|rest| rest.strip_prefix(entry.en)) else {
        return error;
    };
    let said = said.trim();
    let inside = said.strip_prefix('(').and_then(|said| said.strip_suffix(')'));
    inside.unwrap_or(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detail_is_what_the_sentence_does_not_say() {
        let entry = NoticeFailure::MailUnreachable.entry();
        let of = |error: String| problem(State::Failed, Some(&error)).unwrap().detail;
        assert_eq!(
            of(format!("NO-110: {} (Connection refused (os error 111))", entry.en)),
            "Connection refused (os error 111)"
        );
        assert_eq!(of(format!("NO-110: {}", entry.en)), "");
        assert_eq!(
            of("NO-110: something of an older version".to_owned()),
            "NO-110: something of an older version"
        );
    }

    #[test]
    fn the_number_of_the_last_error_tells_what_to_do() {
        let of = |state, error| problem(state, error).map(|problem| problem.number);
        assert_eq!(of(State::Failed, Some("NO-113: refused (550 x)")), Some("NO-113"));
        assert_eq!(of(State::Pending, Some("OB-103: no answer")), Some("OB-103"));
        assert_eq!(of(State::Pending, None), None);
        assert_eq!(of(State::Delivered, Some("NO-110: x")), None);
    }
}
