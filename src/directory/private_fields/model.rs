//! Who is asked for which private field, and which values an answer of WeCom holds. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use uuid::Uuid;

use crate::{
    directory::{
        email::model::{BIZ_MAIL, EMAIL, first_with_source},
        user::provenance::{EmailSource, Field},
    },
    kernel::clock::Timestamp,
    wecom::model::UserDetail,
};

/// The fields of a user that WeCom gives by consent. No name comes that way (reference 3.3).
pub const ONLY_BY_CONSENT: [Field; 4] = [Field::Email, Field::PhoneNumber, Field::Picture, Field::Gender];

/// After this long somebody who did not come back from WeCom, or met an error on the way back, is asked again.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// After this long somebody is asked again who did not come back a second time, or of whom WeCom did not pass the field on: what stands in the
/// way may be the corp's settings, which change.
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// What became of asking for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They were sent to WeCom's page, and no answer came back.
    Asked,
    /// They were sent there again after that, and again none came back.
    AskedAgain,
    /// They came back, and what WeCom was asked then failed.
    Failed,
    /// They declined, on our page or on WeCom's.
    Declined,
    /// WeCom came back without it: they left it out on its page, the app may not ask for it, or they have none.
    Withheld,
    /// WeCom gave it.
    Given,
    /// WeCom gave something of which nobody can say whether it is theirs: its picture of nobody comes unasked (reference 3.3).
    Unclear,
}

impl Answer {
    const ALL: [Self; 7] = [
        Self::Asked,
        Self::AskedAgain,
        Self::Failed,
        Self::Declined,
        Self::Withheld,
        Self::Given,
        Self::Unclear,
    ];

    /// The word in the database; also the end of the key of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::AskedAgain => "asked_again",
            Self::Failed => "failed",
            Self::Declined => "declined",
            Self::Withheld => "withheld",
            Self::Given => "given",
            Self::Unclear => "unclear",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.word() == word)
    }
}

/// An answer with its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What became of it.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
}

impl Answered {
    /// Whether the field is not asked for again by itself. One that was given and is empty again, as after an undo, may be.
    fn stands(self, now: Timestamp) -> bool {
        let within = |time: Duration| now.since(self.at) < time;
        match self.answer {
            Answer::Declined => true,
            Answer::Withheld | Answer::AskedAgain => within(MONTH),
            Answer::Asked | Answer::Failed => within(DAY),
            Answer::Given | Answer::Unclear => false,
        }
    }

    /// What is noted when they are sent to WeCom once more: again, unless it is the same day still.
    fn asked_once_more(self, now: Timestamp) -> Answer {
        match self.answer {
            Answer::Asked if !self.stands(now) => Answer::AskedAgain,
            Answer::AskedAgain => Answer::AskedAgain,
            _ => Answer::Asked,
        }
    }
}

/// Somebody who is signed in as a member, and whom WeCom can be asked about.
#[derive(Clone, Debug)]
pub struct Askable {
    /// Row id of the user.
    pub user: Uuid,
    /// Row id of the member they are.
    pub member: Uuid,
    /// The member's userid in lower case.
    pub userid_key: String,
    /// Row id of the data source.
    pub data_source: Uuid,
    /// Its corp, of which the app has to be that asks.
    pub corp_id: String,
    /// Row id of the auth source they signed in through, whose app asks.
    pub auth_source: Uuid,
    /// The corp is connected by a third-party app, to which WeCom gives neither address nor number (reference 9.8).
    pub third_party: bool,
    /// Where the data source's addresses come from, in order.
    pub email_sources: Vec<String>,
    /// Fields that have a value, or that an admin pinned.
    pub settled: BTreeSet<Field>,
    /// What became of asking before.
    pub answered: BTreeMap<Field, Answered>,
}

impl Askable {
    /// Which of the fields that a portal requires they are asked for now; no address where none of WeCom's would be taken.
    pub fn due(&self, required: &[Field], now: Timestamp) -> Vec<Field> {
        let of_wecom = |source: &String| matches!(source.as_str(), BIZ_MAIL | EMAIL);
        let taken = |field: &Field| *field != Field::Email || self.email_sources.iter().any(of_wecom);
        let given = |field: &Field| !self.third_party || !matches!(field, Field::Email | Field::PhoneNumber);
        let missing = |field: &Field| required.contains(field) && !self.settled.contains(field);
        let open = |field: &Field| !self.answered.get(field).is_some_and(|answered| answered.stands(now));
        let fields = ONLY_BY_CONSENT.into_iter();
        fields
            .filter(|field| missing(field) && open(field) && taken(field) && given(field))
            .collect()
    }
}

/// What is noted of a field when somebody is sent to WeCom, after what was noted before.
pub fn asked_after(before: Option<Answered>, now: Timestamp) -> Answer {
    before.map_or(Answer::Asked, |before| before.asked_once_more(now))
}

/// The values in an answer of WeCom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// By field.
    pub values: BTreeMap<Field, String>,
    /// Which address that of the values is.
    pub email_source: Option<EmailSource>,
}

/// The values in an answer of WeCom, the address by the data source's order.
pub fn found(detail: UserDetail, email_sources: &[String]) -> Found {
    let (email_source, email) = first_with_source(email_sources, detail.biz_mail, detail.email).unzip();
    let values = [
        (Field::Email, email),
        (Field::PhoneNumber, detail.mobile),
        (Field::Picture, detail.avatar),
        (Field::Gender, detail.gender.map(str::to_owned)),
    ];
    let given = values.into_iter();
    Found {
        values: given.filter_map(|(field, value)| Some((field, value?))).collect(),
        email_source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(100_000_000);

    fn askable(settled: &[Field], answered: &[(Field, Answer, i64)]) -> Askable {
        let answered = answered.iter().map(|(field, answer, ago)| {
            let at = Timestamp::from_secs(100_000_000 - ago);
            (*field, Answered { answer: *answer, at })
        });
        Askable {
            user: Uuid::nil(),
            member: Uuid::nil(),
            userid_key: "lihua".to_owned(),
            data_source: Uuid::nil(),
            corp_id: String::new(),
            third_party: false,
            auth_source: Uuid::nil(),
            email_sources: vec![BIZ_MAIL.to_owned()],
            settled: settled.iter().copied().collect(),
            answered: answered.collect(),
        }
    }

    #[test]
    fn only_what_is_required_missing_and_not_answered_is_asked_for() {
        let all = [Field::DisplayName, Field::Email, Field::PhoneNumber];
        assert_eq!(
            askable(&[], &[]).due(&all, NOW),
            [Field::Email, Field::PhoneNumber],
            "no name comes by consent"
        );
        assert!(askable(&[], &[]).due(&[], NOW).is_empty());
        assert_eq!(askable(&[Field::Email], &[]).due(&all, NOW), [Field::PhoneNumber]);
        let mut by_suite = askable(&[], &[]);
        by_suite.third_party = true;
        assert_eq!(
            by_suite.due(&[Field::Email, Field::PhoneNumber, Field::Picture], NOW),
            [Field::Picture],
            "what WeCom never gives to a suite"
        );
        let mut elsewhere = askable(&[], &[]);
        elsewhere.email_sources = vec!["{userid}@x.example".to_owned()];
        assert_eq!(
            elsewhere.due(&all, NOW),
            [Field::PhoneNumber],
            "WeCom's would not be taken"
        );
        let day = 24 * 3600;
        for (answer, ago, again) in [
            (Answer::Declined, 1000 * day, false),
            (Answer::Withheld, 30 * day - 1, false),
            (Answer::Withheld, 30 * day, true),
            (Answer::Asked, day - 1, false),
            (Answer::Asked, day, true),
            (Answer::Failed, day - 1, false),
            (Answer::Failed, day, true),
            (Answer::AskedAgain, 30 * day - 1, false),
            (Answer::AskedAgain, 30 * day, true),
            (Answer::Given, 0, true),
            (Answer::Unclear, 0, true),
        ] {
            let due = askable(&[], &[(Field::Email, answer, ago)]).due(&[Field::Email], NOW);
            assert_eq!(!due.is_empty(), again, "{answer:?} {ago}");
        }
    }

    #[test]
    fn who_never_comes_back_is_asked_again_after_a_day_and_then_after_a_month() {
        let day = 24 * 3600;
        let before = |answer, ago: i64| {
            let at = Timestamp::from_secs(100_000_000 - ago);
            Some(Answered { answer, at })
        };
        for (before, noted) in [
            (None, Answer::Asked),
            (before(Answer::Asked, day - 1), Answer::Asked),
            (before(Answer::Asked, day), Answer::AskedAgain),
            (before(Answer::AskedAgain, 31 * day), Answer::AskedAgain),
            (before(Answer::Failed, day), Answer::Asked),
            (before(Answer::Withheld, 31 * day), Answer::Asked),
        ] {
            assert_eq!(asked_after(before, NOW), noted, "{before:?}");
        }
    }

    #[test]
    fn the_address_follows_the_order_of_the_data_source() {
        let detail = UserDetail {
            email: Some("own@x.example".to_owned()),
            biz_mail: Some("biz@x.example".to_owned()),
            ..UserDetail::default()
        };
        let email = |sources: &[&str]| {
            let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
            let mut found = found(detail.clone(), &sources);
            found.values.remove(&Field::Email).zip(found.email_source)
        };
        let biz = ("biz@x.example".to_owned(), EmailSource::BizMail);
        assert_eq!(email(&["biz_mail", "email"]), Some(biz));
        let own = ("own@x.example".to_owned(), EmailSource::Email);
        assert_eq!(email(&["email"]), Some(own));
        assert_eq!(email(&["{userid}@x.example"]), None);
    }
}
