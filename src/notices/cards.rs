//! Settles cards: once a matter is decided, however it was, its cards lose their buttons and say what was decided (reference 7.6, 10).
//!
//! A card is updated by the response code that came when it was sent. WeCom takes that for some days only (reference: uncertain), once; later a card can
//! be updated by the code that a press of it brings, for a day. What WeCom does not answer is retried with back-off, also by another replica.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    card_state::CardState,
    store::cards::{self, Due, OpenCard, delivery_named},
};
use crate::{
    crypto::seal::Sealer,
    directory::{
        wecom_app::store::senders::{self, Sender},
        wecom_events::card_events,
    },
    kernel::{
        clock::{Clock, Timestamp},
        failure::Result,
        home_runtime::HomeRuntime,
    },
    store::{AnyRow, Database},
    web::texts::{Lang, text, text_with},
    wecom::{
        Class, ResponseCode, WeCom, WeComError,
        card::{CardUpdate, SettledCard, task_id},
    },
};

/// Lease of a replica on a matter; after it the replica counts as dead. Longer than its calls may last.
const LEASE: Duration = Duration::from_secs(120);
/// Most matters that one process goes through at once.
const MOST: usize = 20;
/// Longest time for one card: a corp whose API hangs holds the cards of others up no longer.
const UPDATING: Duration = Duration::from_secs(20);
/// How long before the end of its lease a replica begins with no further card.
const MARGIN: Duration = Duration::from_secs(30);
/// Back-off after the first round in vain; doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest back-off.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// How long a matter is gone through. By then no code of a sent card is good any more.
const GIVEN_UP: Duration = Duration::from_secs(7 * 24 * 3600);
/// For how long the code of a press is good (reference 7.6), less what may pass until it is used.
const CODE_GOOD: Duration = Duration::from_secs(24 * 3600 - 60);
/// A press is looked for again for so long after it was acted on: its transaction may have ended later than the moment it bears.
const SEEN_LATE: Duration = Duration::from_secs(60);
/// Presses looked at in one go.
const PRESSES: u64 = 200;
/// What can become of a matter; each has its texts.
const OUTCOMES: &[&str] = &["approved", "refused", "expired", "withdrawn", "overtaken", "closed"];

/// Settles cards. Cheap to clone.
#[derive(Clone)]
pub struct Cards {
    database: Database,
    sealer: Sealer,
    clock: Clock,
    wecom: WeCom,
    public_url: String,
    /// Until when presses were looked at.
    looked_at: Arc<Mutex<Option<Timestamp>>>,
    /// Matters that this process goes through.
    turns: Arc<Mutex<JoinSet<()>>>,
    home: HomeRuntime,
}

/// What was tried with one card.
enum Tried {
    Settled,
    Unreachable,
    Later(WeComError),
    /// The corp's API hangs.
    TooSlow,
}

impl Cards {
    /// Builds it over its dependencies; what it goes through, it does on the current runtime. `public_url`: the base of links.
    pub fn new(
        (database, sealer): (Database, Sealer),
        clock: Clock,
        wecom: &WeCom,
        public_url: impl Into<String>,
    ) -> Self {
        Self {
            database,
            sealer,
            clock,
            wecom: wecom.in_background(),
            public_url: public_url.into(),
            looked_at: Arc::default(),
            turns: Arc::default(),
            home: HomeRuntime::current(),
        }
    }

    /// What there is where [`Cards::begin`] has something to do.
    pub fn due(&self) -> Vec<AnyRow> {
        let now = self.clock.now();
        let pressed = card_events::any_acted_on_since(self.pressed_since(now));
        vec![cards::any_due(now), pressed]
    }

    /// Begins to go through the cards of the matters that are due, and waits for none: one whose corp does not answer holds up no other. Returns how many it
    /// claimed. Safe to call on every replica at once.
    ///
    /// # Errors
    /// When the database does not answer; what WeCom does not answer is tried again later.
    pub async fn begin(&self) -> Result<usize> {
        self.wake().await?;
        let room = self.room();
        if room == 0 {
            return Ok(0);
        }
        let mut claimed = 0_usize;
        let now = self.clock.now();
        for due in cards::due(&self.database, &self.sealer, now, u64::try_from(room).unwrap_or(0)).await? {
            let until = self.clock.now().plus(LEASE);
            if !cards::claim(&self.database, &due, until).await? {
                continue;
            }
            claimed += 1;
            let cards = self.clone();
            let turn = async move { Box::pin(cards.turn(&due, until)).await };
            self.lock().spawn_on(turn, self.home.handle());
        }
        Ok(claimed)
    }

    /// As [`Cards::begin`], and waits for the end of all.
    ///
    /// # Errors
    /// As there.
    pub async fn tick(&self) -> Result<usize> {
        let claimed = self.begin().await?;
        self.idle().await;
        Ok(claimed)
    }

    /// Waits until this process goes through no card.
    pub async fn idle(&self) {
        loop {
            let mut turns = mem::take(&mut *self.lock());
            if turns.is_empty() {
                return;
            }
            while turns.join_next().await.is_some() {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more matters may be gone through now.
    fn room(&self) -> usize {
        let mut turns = self.lock();
        while turns.try_join_next().is_some() {}
        MOST.saturating_sub(turns.len())
    }

    /// Goes through the cards of a matter that was claimed. Whatever fails, it is gone through again.
    async fn turn(&self, due: &Due, until: Timestamp) {
        let next = match Box::pin(self.go_through(due, until)).await {
            Ok(more) => self.again_at(due, more),
            Err(failure) => {
                tracing::error!(%failure, subject = due.subject, "the cards of a matter could not be gone through");
                self.again_at(due, true)
            }
        };
        if let Err(failure) = cards::put_back(&self.database, due, until, next).await {
            tracing::error!(%failure, subject = due.subject, "the cards of a matter are gone through again when its lease ends");
        }
    }

    /// When a matter is gone through again of which there is more to do.
    fn again_at(&self, due: &Due, more: bool) -> Option<Timestamp> {
        let now = self.clock.now();
        let worth_it = now.since(due.settled_at) < GIVEN_UP;
        (more && worth_it).then(|| now.plus(pause(due.attempts.saturating_add(1))))
    }

    /// Has matters gone through again where somebody pressed a button of a card that could not be updated.
    async fn wake(&self) -> Result<()> {
        let now = self.clock.now();
        let since = self.pressed_since(now);
        for task in card_events::acted_on_since(&self.database, since, PRESSES).await? {
            if let Some(delivery) = delivery_named(&task) {
                cards::wake(&self.database, delivery, now).await?;
            }
        }
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    /// From when on presses are looked for.
    fn pressed_since(&self, now: Timestamp) -> Timestamp {
        let looked = *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        presses_since(looked, now)
    }

    /// Updates the cards of a matter; true if there is more to do later. Where a corp's API does not answer for one card, it is not asked for the others.
    async fn go_through(&self, due: &Due, until: Timestamp) -> Result<bool> {
        // Asked before the cards are read: what is sent in between is found by one of the two.
        let mut more = cards::is_on_the_way(&self.database, &due.subject).await?;
        let mut silent = BTreeSet::new();
        for card in cards::open_cards(&self.database, &self.sealer, &due.subject).await? {
            let too_late = self.clock.now().plus(MARGIN) >= until;
            if too_late || silent.contains(&card.data_source) {
                more = true;
                continue;
            }
            let settling = Box::pin(self.settle(&card, &due.decided));
            let tried = tokio::time::timeout(UPDATING, settling).await;
            let state = match tried.unwrap_or(Ok(Tried::TooSlow))? {
                Tried::Settled => CardState::Settled,
                Tried::Unreachable => CardState::Unreachable,
                Tried::Later(error) => {
                    tracing::warn!(delivery = %card.delivery, %error, "a card is updated later");
                    if error.errcode.is_none() {
                        silent.insert(card.data_source);
                    }
                    more = true;
                    continue;
                }
                Tried::TooSlow => {
                    tracing::warn!(delivery = %card.delivery, "a card is updated later: WeCom does not answer in time");
                    silent.insert(card.data_source);
                    more = true;
                    continue;
                }
            };
            cards::mark(&self.database, card.delivery, state).await?;
        }
        Ok(more)
    }

    /// Updates one card: by its own code, else by that of the last press of it. The app that sent it is asked alone, where it is known.
    async fn settle(&self, card: &OpenCard, decided: &BTreeMap<String, String>) -> Result<Tried> {
        let mut senders = senders::find(&self.database, &self.sealer, self.clock.now(), card.data_source).await?;
        senders.retain(|sender| card.agent_id.is_none_or(|agent| agent == sender.agent_id));
        let words = Words::of(card, decided, &self.public_url);
        let mut later = None;
        for (sender, code) in senders.iter().zip(card.code.iter().cycle()) {
            match self.update(sender, (card, code), &words).await {
                Ok(CardUpdate::Updated) => return Ok(Tried::Settled),
                // The code is that of another app, perhaps.
                Ok(CardUpdate::NotTheirs | CardUpdate::Spent(_)) => {}
                // So it may be where an admin must mend this app.
                Err(error) if error.class == Class::Admin => later = Some(error),
                Err(error) => return Ok(Tried::Later(error)),
            }
        }
        match later {
            Some(error) => Ok(Tried::Later(error)),
            None => self.settle_by_press(card, &senders, &words).await,
        }
    }

    /// Updates a card by the code of its last press.
    async fn settle_by_press(&self, card: &OpenCard, senders: &[Sender], words: &Words) -> Result<Tried> {
        let Some(first) = senders.first() else {
            return Ok(Tried::Unreachable);
        };
        let task = task_id(&card.card, &card.delivery.simple().to_string());
        let since = earlier(self.clock.now(), CODE_GOOD);
        let (app, theirs) = (
            (first.credential.corp_id.as_str(), card.agent_id),
            (task.as_str(), card.userid.as_str()),
        );
        let pressed = card_events::usable_code(&self.database, &self.sealer, app, theirs, since).await?;
        let Some(pressed) = pressed else {
            return Ok(Tried::Unreachable);
        };
        // Whoever pressed at another corp, or with another app, did not press this card.
        let app = |sender: &&Sender| sender.credential.corp_id == pressed.app.0 && sender.agent_id == pressed.app.1;
        let Some(sender) = senders.iter().find(app) else {
            return Ok(Tried::Unreachable);
        };
        let update = match self.update(sender, (card, &pressed.code), words).await {
            Ok(update) => update,
            Err(error) => return Ok(Tried::Later(error)),
        };
        card_events::forget_code(self.database.writer(), pressed.press).await?;
        Ok(match update {
            CardUpdate::Updated => Tried::Settled,
            CardUpdate::NotTheirs | CardUpdate::Spent(_) => Tried::Unreachable,
        })
    }

    async fn update(
        &self,
        sender: &Sender,
        (card, code): (&OpenCard, &ResponseCode),
        words: &Words,
    ) -> std::result::Result<CardUpdate, WeComError> {
        let settled = SettledCard {
            title: &words.title,
            text: &words.text,
            url: &words.url,
            button: &words.button,
        };
        self.wecom
            .settle_card(&sender.credential, (&card.userid, code), &settled)
            .await
    }
}

/// What a settled card says.
struct Words {
    title: String,
    text: String,
    button: String,
    url: String,
}

impl Words {
    fn of(card: &OpenCard, decided: &BTreeMap<String, String>, public_url: &str) -> Self {
        let path = card.path.as_deref().unwrap_or("/");
        let (button, text) = decision(card.lang, decided);
        Self {
            title: card.title.clone(),
            text,
            button,
            url: format!("{}{path}", public_url.trim_end_matches('/')),
        }
    }
}

/// The word for what was decided, and the sentence that also says by whom.
fn decision(lang: Lang, decided: &BTreeMap<String, String>) -> (String, String) {
    let outcome = decided.get("outcome").map(String::as_str);
    let outcome = outcome.filter(|outcome| OUTCOMES.contains(outcome)).unwrap_or("over");
    let word = text(lang, &format!("card-settled-{outcome}"));
    let sentence = match decided.get("decided_by").filter(|name| !name.is_empty()) {
        Some(name) => text_with(lang, "card-settled-by", &[("what", &word), ("by", name)]),
        None => word.clone(),
    };
    (word, sentence)
}

fn earlier(moment: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(moment.millis().saturating_sub(by))
}

fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

/// From when on presses are looked for that were acted on, if this process looked last then. The clock may have been set back since.
fn presses_since(looked: Option<Timestamp>, now: Timestamp) -> Timestamp {
    looked.map_or_else(|| earlier(now, CODE_GOOD), |looked| earlier(looked.min(now), SEEN_LATE))
}

#[cfg(test)]
#[path = "cards_tests.rs"]
mod tests;
