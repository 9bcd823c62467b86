//! Notices as comma-separated values, a line for each delivery. Pure.

use crate::{
    admin::csv::line,
    notices::record_view::{DeliveryView, NoticeView},
};

const HEAD: [&str; 18] = [
    "id",
    "created_at_ms",
    "topic",
    "data_source_id",
    "subject",
    "title",
    "title_zh",
    "delivery_id",
    "kind",
    "channel_id",
    "channel",
    "address",
    "state",
    "attempts",
    "next_at_ms",
    "last_status",
    "last_error",
    "delivered_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The lines of a notice; of which nobody was told has one.
pub fn lines(notice: &NoticeView) -> String {
    if notice.deliveries.is_empty() {
        return row(notice, None);
    }
    notice.deliveries.iter().map(|one| row(notice, Some(one))).collect()
}

fn row(notice: &NoticeView, delivery: Option<&DeliveryView>) -> String {
    fn cell<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let of = |text: fn(&DeliveryView) -> Option<&String>| cell(delivery.and_then(text));
    line([
        notice.id.to_string(),
        notice.created_at.to_string(),
        notice.topic.word().to_owned(),
        cell(notice.data_source_id),
        notice.subject.clone(),
        notice.title.clone(),
        notice.title_zh.clone(),
        cell(delivery.map(|one| one.id)),
        cell(delivery.map(|one| one.kind.word())),
        cell(delivery.and_then(|one| one.channel_id)),
        of(|one| one.channel.as_ref()),
        of(|one| one.address.as_ref()),
        cell(delivery.map(|one| one.state.word())),
        cell(delivery.map(|one| one.attempts)),
        cell(delivery.and_then(|one| one.next_at)),
        cell(delivery.and_then(|one| one.last_status)),
        of(|one| one.last_error.as_ref()),
        cell(delivery.and_then(|one| one.delivered_at)),
    ])
}
