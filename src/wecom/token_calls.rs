//! Calls with a token, and the calls that give one: a corp's that installed a suite needs the suite's own token (reference 9.5).

use futures_util::future::BoxFuture;

use super::{
    api_request::ApiRequest,
    classify::WRONG_KIND,
    error::WeComError,
    model::{Credential, SuiteCredential},
    reply::Reply,
    token_holder::{Holder, corp_token},
    tokens::Tokens,
    transport::Transport,
};

type Answer<T> = Result<T, WeComError>;

impl Tokens {
    /// One call with a token, and once more with another if the first was dead.
    pub(super) async fn ask(&self, transport: &Transport, holder: Holder<'_>, ask: ApiRequest) -> Answer<Reply> {
        let ask = ask.carried_by(holder.parameter());
        let token = self.current(transport, holder).await?;
        match transport.ask(&ask, Some(&token)).await {
            Err(error) if error.errcode.is_some_and(|code| holder.dead().contains(&code)) => {
                self.reject(transport, holder, &token).await?;
                let token = self.current(transport, holder).await?;
                transport.ask(&ask, Some(&token)).await
            }
            answer => answer,
        }
    }

    /// The call that gives a holder's token.
    pub(super) async fn request(&self, transport: &Transport, holder: Holder<'_>) -> Answer<Reply> {
        let installed = match holder {
            Holder::Corp(installed) => installed,
            Holder::Ticket(app, _) => {
                return self
                    .ask_boxed(transport, Holder::Corp(app), holder.token_request()?)
                    .await;
            }
            Holder::Suite(_) | Holder::Provider(_) => return transport.ask(&holder.token_request()?, None).await,
        };
        let Some(suite) = &installed.suite else {
            return transport.ask(&holder.token_request()?, None).await;
        };
        let own = suite.is_template();
        match self.corp_token(transport, installed, suite, own).await {
            // Which of the two a template takes, the reference leaves open (9.5). What the wrong one says helps nobody.
            Err(error) if error.errcode == Some(WRONG_KIND) => {
                let other = self.corp_token(transport, installed, suite, !own).await;
                other.map_err(|_| error)
            }
            answer => answer,
        }
    }

    /// The token of a corp that installed a suite: with the permanent code as the app's own secret, or by the suite.
    async fn corp_token(
        &self,
        transport: &Transport,
        installed: &Credential,
        suite: &SuiteCredential,
        own: bool,
    ) -> Answer<Reply> {
        if own {
            let ask = Holder::Corp(installed).token_request()?;
            return transport.ask(&ask, None).await;
        }
        self.ask_boxed(transport, Holder::Suite(suite), corp_token(installed))
            .await
    }

    /// As [`Tokens::ask`], for whoever is asked for a token or a ticket and needs another token for it.
    fn ask_boxed<'a>(
        &'a self,
        transport: &'a Transport,
        holder: Holder<'a>,
        ask: ApiRequest,
    ) -> BoxFuture<'a, Answer<Reply>> {
        Box::pin(self.ask(transport, holder, ask))
    }
}
