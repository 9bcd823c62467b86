//! Input and validation of a subscription. Pure.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{failure::Result, merge_patch, validation::ValidationErrors},
    notices::{
        delivery::ChannelKind,
        failure::NoticeFailure,
        model::Topic,
        recipient,
        timing::{DAY, Digest},
    },
    web::texts::Lang,
};

/// How far the clocks of the world lie apart from UTC, minutes.
const FARTHEST: i64 = 14 * 60;
/// The clock of all of China.
const CHINA: i64 = 8 * 60;

/// A new subscription.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewNoticeSubscription)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Row id of the channel.
    pub channel_id: Uuid,
    /// Row id of the data source that it is about; null: all of them, and what is about none.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
    /// E-mail address or member ID; null for a webhook.
    #[serde(default)]
    #[schema(example = "li.hua@corp.example")]
    pub address: Option<String>,
    /// What is told.
    #[schema(min_items = 1)]
    pub topics: Vec<Topic>,
    /// In which language, `en` or `zh-CN`; Chinese unless given.
    #[serde(default)]
    #[schema(pattern = "^(en|zh-CN)$", example = "en")]
    pub language: Option<String>,
    /// First quiet minute of the day: 1320 is 22:00. With `quiet_to`, or not at all.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1439, example = 1320)]
    pub quiet_from: Option<i64>,
    /// First minute of the day that is not quiet any more: 420 is 7:00.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1439, example = 420)]
    pub quiet_to: Option<i64>,
    /// Minutes by which the subscriber's clock is ahead of UTC; 480, China's, unless given.
    #[serde(default)]
    #[schema(minimum = -840, maximum = 840, example = 480)]
    pub utc_offset: Option<i64>,
    /// How notices are gathered; `none` unless given.
    #[serde(default)]
    pub digest: Option<Digest>,
}

/// A change of a subscription (merge patch). Its channel stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NoticeSubscriptionChange)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionChange {
    /// Row id of the data source that it is about; null: all of them, and what is about none.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub data_source_id: Option<Option<Uuid>>,
    /// E-mail address or member ID.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = "li.hua@corp.example")]
    pub address: Option<String>,
    /// What is told.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_items = 1)]
    pub topics: Option<Vec<Topic>>,
    /// In which language, `en` or `zh-CN`.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, pattern = "^(en|zh-CN)$", example = "en")]
    pub language: Option<String>,
    /// First quiet minute of the day; null, with `quiet_to`: no quiet hours.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 0, maximum = 1439)]
    pub quiet_from: Option<Option<i64>>,
    /// First minute of the day that is not quiet any more.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 0, maximum = 1439)]
    pub quiet_to: Option<Option<i64>>,
    /// Minutes by which the subscriber's clock is ahead of UTC.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = -840, maximum = 840)]
    pub utc_offset: Option<i64>,
    /// How notices are gathered.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub digest: Option<Digest>,
}

/// A subscription as it is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The data source that it is about.
    pub data_source_id: Option<Uuid>,
    /// E-mail address or member ID.
    pub address: Option<String>,
    /// What is told.
    pub topics: Vec<Topic>,
    /// In which language.
    pub lang: Lang,
    /// Quiet hours, minutes of the day.
    pub quiet: Option<(i32, i32)>,
    /// Minutes ahead of UTC.
    pub utc_offset: i32,
    /// How notices are gathered.
    pub digest: Digest,
}

/// A subscription as it was entered or is after a change.
struct Entered {
    data_source_id: Option<Uuid>,
    address: Option<String>,
    topics: Vec<Topic>,
    language: Option<String>,
    quiet: (Option<i64>, Option<i64>),
    utc_offset: i64,
    digest: Digest,
}

impl NewSubscription {
    /// Checks what was entered for a channel of this kind.
    ///
    /// # Errors
    /// `NO-101` with all faults.
    pub fn desired(&self, kind: ChannelKind) -> Result<Desired> {
        let entered = Entered {
            data_source_id: self.data_source_id,
            address: self.address.clone(),
            topics: self.topics.clone(),
            language: self.language.clone(),
            quiet: (self.quiet_from, self.quiet_to),
            utc_offset: self.utc_offset.unwrap_or(CHINA),
            digest: self.digest.unwrap_or(Digest::None),
        };
        entered.checked(kind)
    }
}

impl SubscriptionChange {
    /// The subscription after this change.
    ///
    /// # Errors
    /// `NO-101` with all faults.
    pub fn merged(&self, before: &Desired, kind: ChannelKind) -> Result<Desired> {
        let minute = |part: fn((i32, i32)) -> i32| before.quiet.map(|quiet| i64::from(part(quiet)));
        let entered = Entered {
            data_source_id: self.data_source_id.unwrap_or(before.data_source_id),
            address: self.address.clone().or_else(|| before.address.clone()),
            topics: self.topics.clone().unwrap_or_else(|| before.topics.clone()),
            language: self.language.clone().or_else(|| Some(before.lang.tag().to_owned())),
            quiet: (
                self.quiet_from.unwrap_or_else(|| minute(|quiet| quiet.0)),
                self.quiet_to.unwrap_or_else(|| minute(|quiet| quiet.1)),
            ),
            utc_offset: self.utc_offset.unwrap_or(i64::from(before.utc_offset)),
            digest: self.digest.unwrap_or(before.digest),
        };
        entered.checked(kind)
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("data_source_id", self.data_source_id.is_some()),
            ("address", self.address.is_some()),
            ("topics", self.topics.is_some()),
            ("language", self.language.is_some()),
            ("quiet_from", self.quiet_from.is_some()),
            ("quiet_to", self.quiet_to.is_some()),
            ("utc_offset", self.utc_offset.is_some()),
            ("digest", self.digest.is_some()),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}

impl Entered {
    fn checked(self, kind: ChannelKind) -> Result<Desired> {
        let mut faults = ValidationErrors::default();
        recipient::check(&mut faults, kind, self.address.as_deref());
        let told = !self.topics.is_empty() && self.topics.iter().all(|topic| topic.is_subscribed());
        faults.check(
            told,
            "topics",
            "names at least one topic, none that is for one person alone, and not test",
        );
        let lang = recipient::language(&mut faults, self.language.as_deref());
        faults.within("utc_offset", self.utc_offset, -FARTHEST, FARTHEST);
        let quiet = match self.quiet {
            (None, None) => None,
            (Some(from), Some(to)) => {
                for (field, minute) in [("quiet_from", from), ("quiet_to", to)] {
                    faults.within(field, minute, 0, i64::from(DAY - 1));
                }
                faults.check(from != to, "quiet_to", "is another minute than quiet_from");
                i32::try_from(from).ok().zip(i32::try_from(to).ok())
            }
            (None, Some(_)) => {
                faults.add("quiet_from", "goes with quiet_to");
                None
            }
            (Some(_), None) => {
                faults.add("quiet_to", "goes with quiet_from");
                None
            }
        };
        faults.into_result(NoticeFailure::Invalid.entry())?;
        let mut topics = self.topics;
        topics.sort_unstable();
        topics.dedup();
        Ok(Desired {
            data_source_id: self.data_source_id,
            address: self.address,
            topics,
            lang: lang.unwrap_or(Lang::Zh),
            quiet,
            utc_offset: i32::try_from(self.utc_offset).unwrap_or_default(),
            digest: self.digest,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entered(fields: Value) -> Result<Desired, String> {
        let input: NewSubscription = serde_json::from_value(fields).map_err(|error| error.to_string())?;
        let desired = input.desired(ChannelKind::Email);
        desired.map_err(|failure| failure.detail.unwrap_or_default())
    }

    fn mail(more: Value) -> Value {
        let mut fields = json!({ "channel_id": Uuid::nil(), "address": "a@b.example", "topics": ["alert", "alert"] });
        for (name, value) in more.as_object().unwrap() {
            fields[name] = value.clone();
        }
        fields
    }

    #[test]
    fn unless_said_otherwise_it_is_chinese_by_the_clock_of_china_and_at_once() {
        let desired = entered(mail(json!({}))).unwrap();
        assert_eq!(desired.topics, [Topic::Alert]);
        assert_eq!(
            (desired.lang, desired.utc_offset, desired.digest),
            (Lang::Zh, 480, Digest::None)
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_field() {
        for (field, more) in [
            ("topics", json!({ "topics": [] })),
            ("topics", json!({ "topics": ["test"] })),
            ("language", json!({ "language": "fr" })),
            ("quiet_to", json!({ "quiet_from": 60 })),
            ("quiet_to", json!({ "quiet_from": 60, "quiet_to": 60 })),
            ("quiet_from", json!({ "quiet_from": 1440, "quiet_to": 60 })),
            ("utc_offset", json!({ "utc_offset": 900 })),
            ("address", json!({ "address": null })),
        ] {
            let refused = entered(mail(more)).unwrap_err();
            assert!(refused.starts_with(&format!("{field}:")), "{field}: {refused}");
        }
    }

    #[test]
    fn quiet_hours_end_by_null() {
        let before = entered(mail(json!({ "quiet_from": 1320, "quiet_to": 420 }))).unwrap();
        assert_eq!(before.quiet, Some((1320, 420)));
        let change = |fields| -> SubscriptionChange { serde_json::from_value(fields).unwrap() };
        let off = change(json!({ "quiet_from": null, "quiet_to": null }));
        assert_eq!(off.merged(&before, ChannelKind::Email).unwrap().quiet, None);
        let kept = change(json!({ "digest": "daily" }));
        assert_eq!(
            kept.merged(&before, ChannelKind::Email).unwrap().quiet,
            Some((1320, 420))
        );
    }
}
