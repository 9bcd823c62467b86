//! Tickets that sign a page for WeCom's script, so that its display component shows names there (reference 9.10, 11). A ticket is cached as a token
//! is: fetched by one caller at a time, refreshed early, dropped where the component refuses it.

use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};

use super::{
    client::WeCom,
    error::WeComError,
    model::{Credential, TicketKind},
    token_holder::Holder,
};
use crate::kernel::secret::Secret;

type Answer<T> = Result<T, WeComError>;

/// The signature of a page (reference 11). `url` is its address as the browser sees it, without `#` and what follows; `seconds` since 1970.
pub fn signature(ticket: &Secret<String>, nonce: &str, seconds: i64, url: &str) -> String {
    let text = format!(
        "jsapi_ticket={}&noncestr={nonce}&timestamp={seconds}&url={url}",
        ticket.expose()
    );
    HEXLOWER.encode(&Sha1::digest(text))
}

impl WeCom {
    /// The current ticket of an app, or of its corp by that app.
    ///
    /// # Errors
    /// 45009 beyond 400 an hour for a corp, or 100 for an app (reference 12); a refusal stands for half a minute, in which nobody asks again.
    pub async fn js_ticket(&self, credential: &Credential, kind: TicketKind) -> Answer<Secret<String>> {
        let holder = Holder::Ticket(credential, kind);
        let answer = self.tokens.current(&self.transport, holder).await;
        if let Err(error) = &answer {
            self.denials.note(&self.transport, credential, error).await;
        }
        answer
    }

    /// Drops exactly this ticket, which the component refused: the next call fetches another.
    ///
    /// # Errors
    /// When the cache does not answer.
    pub async fn drop_js_ticket(
        &self,
        credential: &Credential,
        kind: TicketKind,
        refused: &Secret<String>,
    ) -> Answer<()> {
        let holder = Holder::Ticket(credential, kind);
        self.tokens.reject(&self.transport, holder, refused).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use futures_util::future::join_all;

    use super::*;
    use crate::wecom::testing::{Reaction, Stub, app, bench};

    /// Gives `app-1`, `app-2`, … and `corp-1`, `corp-2`, ….
    fn tickets() -> Stub {
        let given = AtomicUsize::new(0);
        Stub::start(move |call| {
            let next = given.fetch_add(1, Ordering::SeqCst) + 1;
            let (field, value) = match call.path.trim_start_matches("/cgi-bin/") {
                "ticket/get" => ("ticket", format!("app-{next}")),
                "get_jsapi_ticket" => ("ticket", format!("corp-{next}")),
                _ => ("access_token", format!("token-{next}")),
            };
            Reaction::json(&format!(r#"{{"errcode":0,"{field}":"{value}","expires_in":7200}}"#))
        })
    }

    #[tokio::test]
    async fn a_ticket_is_fetched_once_for_all_who_ask_and_the_two_kinds_are_two() {
        let stub = tickets();
        let bench = bench(&stub);
        let app = app();
        let asked = join_all((0..20).map(|_| bench.wecom.js_ticket(&app, TicketKind::App))).await;
        let first = asked[0].clone().unwrap();
        assert!(first.expose().starts_with("app-"));
        assert!(
            asked
                .into_iter()
                .all(|ticket| ticket.unwrap().expose() == first.expose())
        );
        let corp = bench.wecom.js_ticket(&app, TicketKind::Corp).await.unwrap();
        assert!(corp.expose().starts_with("corp-"));
        assert_eq!(
            (
                stub.count("ticket/get"),
                stub.count("get_jsapi_ticket"),
                stub.count("gettoken")
            ),
            (1, 1, 1)
        );
        let calls = stub.calls();
        let call = calls.iter().find(|call| call.path.ends_with("/ticket/get")).unwrap();
        assert_eq!(call.query("type").as_deref(), Some("agent_config"));
        assert!(
            call.query("access_token")
                .is_some_and(|token| token.starts_with("token-"))
        );
    }

    #[tokio::test]
    async fn exactly_the_ticket_that_was_refused_is_dropped() {
        let stub = tickets();
        let bench = bench(&stub);
        let first = bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap();
        let other = Secret::new("app-0".to_owned());
        bench
            .wecom
            .drop_js_ticket(&app(), TicketKind::App, &other)
            .await
            .unwrap();
        let same = bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap();
        assert_eq!(same.expose(), first.expose());
        bench
            .wecom
            .drop_js_ticket(&app(), TicketKind::App, &first)
            .await
            .unwrap();
        let second = bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap();
        assert_ne!(second.expose(), first.expose());
    }

    #[tokio::test]
    async fn a_refusal_stands_for_a_while_and_a_dead_token_is_replaced() {
        let stub = Stub::scripted(&[("ticket/get", r#"{"errcode":45009,"errmsg":"limit"}"#)]);
        let bench = bench(&stub);
        for _ in 0..5 {
            let error = bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap_err();
            assert_eq!(error.errcode, Some(45009));
        }
        assert_eq!(stub.count("ticket/get"), 1);
        bench.clock.advance(Duration::from_secs(31));
        bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap_err();
        assert_eq!(stub.count("ticket/get"), 2);
        let dead = Stub::scripted(&[("ticket/get", r#"{"errcode":42001,"errmsg":"expired"}"#)]);
        let bench = super::super::testing::bench(&dead);
        bench.wecom.js_ticket(&app(), TicketKind::App).await.unwrap_err();
        assert_eq!(
            (dead.count("ticket/get"), dead.count("gettoken")),
            (2, 2),
            "once more with another token"
        );
    }

    /// The first is the sample of WeCom's own pages; the others were computed independently.
    #[test]
    fn a_page_is_signed_as_the_reference_says() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        for (ticket, nonce, seconds, url, expected) in [
            (
                ticket,
                "Wm3WZYTPz0wzccnW",
                1_414_587_457,
                "http://mp.weixin.qq.com?params=value",
                "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
            ),
            (
                "T",
                "N",
                0,
                "https://sso.example/console/people?q=%E6%9D%8E&page=2",
                "0ca24499d898591169c24e527e0a3f79d8ed3a74",
            ),
        ] {
            let ticket = Secret::new(ticket.to_owned());
            assert_eq!(signature(&ticket, nonce, seconds, url), expected, "{url}");
        }
    }
}
