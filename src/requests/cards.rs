//! Acts on presses of the buttons of cards: the same decision, by the same rules. That a press came from WeCom for its corp was verified when it was
//! received; that the card was sent about the request, to this member and by the app at whose callback the press arrived, and that the member decides, is
//! checked here.

use std::time::Duration;

use serde_json::json;

use super::{
    failure::RequestFailure,
    input::{ApproveInput, RefuseInput},
    model::{AccessRequest, Decider, Via},
    service::{Requests, record},
    store,
    telling::request_of,
};
use crate::{
    audit::{Kind, Record, actor},
    directory::{
        store::Change,
        wecom_events::card_events::{self, Press},
    },
    kernel::{
        batch::Batch,
        entity_tag::IfMatch,
        failure::{Entry, Result},
    },
    notices::{Origin, Topic, card_path, is_told, origin},
};

/// How long whoever repeats a press is not told again that it came to nothing for the same reason.
const TOLD_AGAIN: Duration = Duration::from_secs(60 * 60);
/// Presses that are read at once.
const MOST: u64 = 100;

impl Requests {
    /// Acts on the presses of cards that nobody has acted on; returns how many. Needs no lease: of two replicas that act on one press, one decides,
    /// and a press that was acted on and not settled is found decided.
    ///
    /// # Errors
    /// When the database does not answer; what is left is pending still.
    pub async fn act_on_presses(&self) -> Result<usize> {
        let (mut batch, mut after) = (Batch::default(), None);
        loop {
            // What cannot be settled yet holds up nothing behind it.
            let presses = card_events::pending(&self.deps.database, after, MOST).await?;
            let Some(last) = presses.last() else { return batch.end() };
            after = Some(last.id);
            for press in &presses {
                batch.note(press.id, self.settled(press).await);
            }
        }
    }

    /// Acts on a press and settles it; false: not yet, or another replica did.
    async fn settled(&self, press: &Press) -> Result<bool> {
        match self.act_on(press).await {
            Ok(Some(outcome)) => {
                let (database, now) = (&self.deps.database, self.now());
                Ok(card_events::settle(database.writer(), press.id, outcome, now).await?)
            }
            // By which app its card was sent is not written down yet.
            Ok(None) => Ok(false),
            // Something did not answer: it is acted on at the next turn.
            Err(failure) if failure.entry.status >= 500 => {
                tracing::warn!(%failure, press = %press.id, "a press of a card could not be acted on yet");
                Ok(false)
            }
            Err(failure) => self.cannot(press, failure.entry).await,
        }
    }

    /// Settles a press that cannot be carried out: it is on record, and whoever pressed is told why. Where the request is decided, their card says so.
    async fn cannot(&self, press: &Press, entry: &'static Entry) -> Result<bool> {
        tracing::info!(press = %press.id, number = entry.number, "a press of a card was not carried out");
        let database = &self.deps.database;
        let request = match request_of(press.card()) {
            Some(id) if entry != RequestFailure::Decided.entry() => store::find(database, id).await?,
            _ => None,
        };
        let Some(request) = request else {
            return Ok(card_events::settle(database.writer(), press.id, entry.number, self.now()).await?);
        };
        let path = match entry == RequestFailure::ForeignCard.entry() {
            true => None,
            false => card_path(database, &self.deps.sealer, &press.task_id).await?,
        };
        let corp_key = store::corp_key(database, press.data_source).await?;
        let corp_key = corp_key.unwrap_or_else(|| press.corp_id.clone());
        let change = self.begin(&actor::member(&corp_key, &press.userid)).await?;
        if !card_events::settle(change.transaction(), press.id, entry.number, change.now()).await? {
            return Ok(false);
        }
        if !self.is_told_already(&change, &request, (press, entry)).await? {
            self.tell_presser(&change, &request, (press, path, entry)).await?;
        }
        let more = json!({ "button": press.key });
        let record = record(&change, &request, (Kind::AccessPressRefused, more));
        let record = Record {
            number: Some(entry.number),
            ..record
        };
        change.commit_as(record).await?;
        Ok(true)
    }

    /// Whether whoever pressed was told lately that this very press came to nothing for this reason: whoever presses on and on is told once.
    async fn is_told_already(
        &self,
        change: &Change,
        request: &AccessRequest,
        (press, entry): (&Press, &Entry),
    ) -> Result<bool> {
        if press.outcome.as_deref() != Some(entry.number) {
            return Ok(false);
        }
        let (about, since) = (request.subject(), change.now().minus(TOLD_AGAIN));
        let topic = Topic::AccessPressRefused;
        Ok(is_told(change.transaction(), (topic, &about), &press.userid, since).await?)
    }

    /// The word for what became of a press; `None`: that cannot be said yet.
    async fn act_on(&self, press: &Press) -> Result<Option<&'static str>> {
        let Some(id) = request_of(press.card()) else {
            return Ok(Some("unknown"));
        };
        let database = &self.deps.database;
        let Some(request) = store::find(database, id).await? else {
            return Ok(Some("unknown"));
        };
        let app = (press.corp_id.as_str(), press.agent_id);
        if press.corp_id != request.corp_id || !store::is_app(database, app, request.data_source).await? {
            return Err(RequestFailure::ForeignCard.into());
        }
        let about = (request.subject(), request.data_source);
        let pressed = (press.userid.as_str(), press.agent_id);
        match origin(database, &press.task_id, (&about.0, about.1), pressed).await? {
            Origin::Known => {}
            Origin::Sending => return Ok(None),
            Origin::Foreign => return Err(RequestFailure::ForeignCard.into()),
        }
        let user = store::user_of_member(database, request.data_source, &press.userid).await?;
        let user = user.ok_or_else(|| RequestFailure::NotAnApprover.failure())?;
        let standing = store::person(database, user, request.data_source, self.now()).await?;
        let standing = standing
            .filter(store::may_decide)
            .ok_or_else(|| RequestFailure::NotAnApprover.failure())?;
        let decider = Decider {
            actor: format!("user:{}", standing.user),
            name: Some(standing.name),
            every_portal: false,
            groups: false,
            // A card does not show what an admin decided before.
            operates: false,
            via: Via::Card,
        };
        let nothing = IfMatch::default();
        match press.key.as_str() {
            "approve" => {
                let input = ApproveInput::default();
                self.approve(&decider, id, &input, &nothing).await?;
                Ok(Some("approved"))
            }
            "refuse" => {
                let input = RefuseInput::default();
                self.refuse(&decider, id, &input, &nothing).await?;
                Ok(Some("refused"))
            }
            _ => Ok(Some("unknown")),
        }
    }
}
