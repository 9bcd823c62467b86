//! What WeCom told the command callbacks of suites, and what is done about it. A push was answered long ago: each is claimed by one replica, tried
//! until it succeeds or its time is over, and none is believed by its place in the queue.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::{
    cancelling::Cancelling,
    exchanging::{Came, Exchanged},
    failure::InstallationFailure,
    model::{CODE_LIFE, Installation, PUSH_LIFE, back_off},
    service::Installations,
    state::Status,
    store::{
        ending::Proof,
        keeping,
        pushes::{self, Push, What},
    },
};
use crate::{
    directory::{data_source::store::connecting, suite::model::PUSHED_CODE},
    kernel::failure::{Failure, Result},
    wecom::WeComFailure,
};

/// Companies about which WeCom is asked at once.
pub(super) const PARALLEL: usize = 4;

/// What came of a push.
enum Outcome {
    /// It was acted on, in this way.
    Done(&'static str),
    /// It is to be tried again.
    Later,
}

impl Installations {
    /// Ends the access of whoever deleted the app, as far as that needs no answer of WeCom; returns how many deletions it took. What is doubtful about one
    /// is left to [`Installations::act_on_pushes`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_deleted(&self) -> Result<usize> {
        let due = pushes::deletions(&self.deps.database, self.now()).await?;
        let ends: Vec<_> = due.iter().map(|push| Box::pin(self.end(push))).collect();
        stream::iter(ends)
            .buffer_unordered(PARALLEL)
            .try_collect::<()>()
            .await?;
        Ok(due.len())
    }

    async fn end(&self, push: &Push) -> Result<()> {
        let db = &self.deps.database;
        if !pushes::claim(db, push, self.now()).await? {
            return Ok(());
        }
        match self.end_told(push).await {
            Ok(Some(word)) => pushes::settle(db, push.id, (word, self.now())).await,
            Ok(None) => pushes::put_off(db, push.id, (InstallationFailure::Unread.entry().number, self.now())).await,
            Err(failure) => {
                tracing::warn!(%failure, push = %push.id, "a deletion could not be acted on");
                self.put_off(push, failure.entry.number).await
            }
        }
    }

    /// What came of a deletion; `None`: it is doubtful.
    async fn end_told(&self, push: &Push) -> Result<Option<&'static str>> {
        let Some(one) = self.pushed_about(push).await? else {
            let Some(corp_id) = &push.corp_id else {
                return Ok(Some("no_corp"));
            };
            let change = self.begin("system").await?;
            let buried = keeping::bury(change, push.suite, (corp_id, push.told_at)).await?;
            return Ok(buried.then_some("cancelled"));
        };
        Ok(match self.cancel(one.id, Proof::Told(push.told_at)).await? {
            Cancelling::Done => Some("cancelled"),
            Cancelling::Nothing => Some("known"),
            Cancelling::Doubtful => None,
        })
    }

    /// Acts on the other pushes that are due; returns how many it took. They go side by side, those of one company in the order in which WeCom told them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn act_on_pushes(&self) -> Result<usize> {
        let due = pushes::due(&self.deps.database, self.now()).await?;
        let count = due.len();
        let mut lanes: BTreeMap<(Uuid, String), Vec<Push>> = BTreeMap::new();
        for push in due {
            // Whose code it is WeCom tells in exchange for it.
            let whose = push.corp_id.clone().unwrap_or_else(|| push.id.to_string());
            lanes.entry((push.suite, whose)).or_default().push(push);
        }
        let lanes = lanes.into_values().map(|lane| async move {
            for push in &lane {
                self.take(push).await?;
            }
            Ok::<(), Failure>(())
        });
        let lanes: Vec<_> = lanes.map(Box::pin).collect();
        stream::iter(lanes)
            .buffer_unordered(PARALLEL)
            .try_collect::<()>()
            .await?;
        Ok(count)
    }

    async fn take(&self, push: &Push) -> Result<()> {
        match pushes::claim(&self.deps.database, push, self.now()).await? {
            true => self.act(push).await,
            false => Ok(()),
        }
    }

    async fn act(&self, push: &Push) -> Result<()> {
        let db = &self.deps.database;
        match self.act_on(push).await {
            Ok(Outcome::Done(word)) => pushes::settle(db, push.id, (word, self.now())).await,
            Ok(Outcome::Later) => self.put_off(push, InstallationFailure::Unread.entry().number).await,
            Err(failure) => {
                tracing::warn!(%failure, push = %push.id, what = ?push.what, "a push could not be acted on");
                match is_final(&failure) {
                    true => pushes::settle(db, push.id, (failure.entry.number, self.now())).await,
                    false => self.put_off(push, failure.entry.number).await,
                }
            }
        }
    }

    /// Tries a push again later, as long as that may help.
    async fn put_off(&self, push: &Push, number: &str) -> Result<()> {
        let db = &self.deps.database;
        let life = if push.code_sealed.is_some() {
            CODE_LIFE
        } else {
            PUSH_LIFE
        };
        let next = self.now().plus(back_off(push.attempts));
        match next < push.received_at.plus(life) {
            true => pushes::put_off(db, push.id, (number, next)).await,
            false => {
                let given_up = InstallationFailure::PushGivenUp.entry().number;
                pushes::settle(db, push.id, (given_up, self.now())).await
            }
        }
    }

    async fn act_on(&self, push: &Push) -> Result<Outcome> {
        match push.what {
            What::Code | What::Reset => self.on_code(push).await,
            What::Changed => self.on_change(push).await,
            What::Cancelled => self.on_cancel(push).await,
        }
    }

    /// The corp agreed, for the first time or again, or has a new permanent code.
    async fn on_code(&self, push: &Push) -> Result<Outcome> {
        let Some(sealed) = &push.code_sealed else {
            return Ok(Outcome::Done("no_code"));
        };
        let code = self.deps.sealer.open_text(PUSHED_CODE, sealed)?;
        let suite = self.suite(push.suite).await?;
        let came = Came {
            suite: push.suite,
            code: &code,
            told_at: push.told_at,
            state: push.state.as_deref(),
            reset: push.what == What::Reset,
        };
        match self.exchange(&suite, &came).await? {
            Exchanged::Busy => Ok(Outcome::Later),
            Exchanged::Kept(id) => {
                self.settle(id).await?;
                Ok(Outcome::Done("installed"))
            }
            Exchanged::Late(id) => {
                self.settle(id).await?;
                Ok(Outcome::Done("weighed"))
            }
        }
    }

    /// What was authorised changed: it is read anew, and a sync finds who came into scope or fell out of it.
    async fn on_change(&self, push: &Push) -> Result<Outcome> {
        let live = self.pushed_about(push).await?.filter(|one| one.status.is_live());
        let Some(one) = live else {
            return Ok(Outcome::Done("not_installed"));
        };
        let suite = self.suite(push.suite).await?;
        if !self.read(&suite, &one).await? {
            return Ok(Outcome::Done("not_installed"));
        }
        if let Some(source) = one.data_source.filter(|_| one.status == Status::Bound) {
            let change = self.begin("system").await?;
            connecting::hurry(&change, source).await?;
            change.commit(one.subject(), "changed", &[]).await?;
        }
        Ok(Outcome::Done("read"))
    }

    /// The corp deleted the app, and that could not be acted on at once. What is plainly newer than the installation counts without asking: access ends
    /// even where WeCom does not answer.
    async fn on_cancel(&self, push: &Push) -> Result<Outcome> {
        if let Some(word) = self.end_told(push).await? {
            return Ok(Outcome::Done(word));
        }
        match self.pushed_about(push).await? {
            Some(one) => self.on_doubtful(push, &one).await,
            None => Ok(Outcome::Later),
        }
    }

    /// A deletion that is told late, or of about the moment of the installation: WeCom says how it is now.
    async fn on_doubtful(&self, push: &Push, one: &Installation) -> Result<Outcome> {
        if self.is_installed(one).await? {
            return Ok(Outcome::Done("superseded"));
        }
        if pushes::code_waits(&self.deps.database, push.suite).await? {
            return Ok(Outcome::Later);
        }
        let proof = Proof::Answered(push.told_at, one.code_sealed.as_deref());
        Ok(match self.cancel(one.id, proof).await? {
            Cancelling::Done => Outcome::Done("cancelled"),
            Cancelling::Nothing | Cancelling::Doubtful => Outcome::Later,
        })
    }

    /// Whether WeCom answers by the permanent code.
    async fn is_installed(&self, one: &Installation) -> Result<bool> {
        let suite = self.suite(one.suite).await?;
        let code = self.code(one.code_sealed.as_deref())?;
        match self.deps.wecom.installation(&suite, &one.corp_id, &code).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_installed() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn pushed_about(&self, push: &Push) -> Result<Option<Installation>> {
        match &push.corp_id {
            Some(corp_id) => self.installed(push.suite, corp_id).await,
            None => Ok(None),
        }
    }
}

/// Whether trying again cannot help.
fn is_final(failure: &Failure) -> bool {
    let last = [
        WeComFailure::InstallCodeUsed.entry().number,
        InstallationFailure::Superseded.entry().number,
        InstallationFailure::NotFound.entry().number,
    ];
    last.contains(&failure.entry.number)
}
