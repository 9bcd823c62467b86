//! A member's phone with the messages of apps: links that open, buttons that can be pressed (reference §7.6, §10).
//!
//! Whoever opens the page is from then on that member's WeCom client, as by `/client`.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use serde_json::Value;

use super::{Notice, Params, page, param, redirect};
use crate::callbacks::{Delivery, press};
use crate::mailbox::{Button, Message};
use crate::redirects::with_params;
use crate::state::{Shared, State};

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    corp: String,
    corpid: String,
    userid: String,
    name: String,
    /// How the app's callback answered a press.
    told: Option<String>,
    messages: Vec<Shown>,
}

/// A message as it looks.
struct Shown {
    id: u64,
    app: String,
    title: String,
    lines: Vec<String>,
    /// Addresses with their words.
    links: Vec<(String, String)>,
    buttons: Vec<Button>,
    replaced_by: Option<String>,
}

/// `GET /messages`
pub(crate) async fn show(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let found = param(&query, "corp").and_then(|id| state.world.corps.get(id));
    let found = found.and_then(|corp| Some((corp, corp.member(param(&query, "userid")?)?)));
    let Some((corp, member)) = found else {
        return unknown();
    };
    let mine = |message: &&Message| message.corp == corp.corpid && message.userid == member.userid;
    let html = InboxPage {
        corp: corp.name.clone(),
        corpid: corp.corpid.clone(),
        userid: member.userid.clone(),
        name: member.name.clone(),
        told: param(&query, "told").map(answer),
        messages: state
            .mailbox
            .all()
            .rev()
            .filter(mine)
            .map(|message| Shown::of(message, &state))
            .collect(),
    };
    let client = Cookie::build("sim_client", format!("{}/{}", corp.corpid, member.userid));
    let mut reply = page(StatusCode::OK, &html);
    // A cookie that cannot be written leaves whoever was the client before.
    let _ = reply.add_cookie(&client.path("/").http_only(true).finish());
    reply
}

/// `POST /messages`: presses a button.
pub(crate) async fn act(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let (corp, userid) = (
        param(&form, "corp").unwrap_or_default(),
        param(&form, "userid").unwrap_or_default(),
    );
    let id = param(&form, "message").and_then(|id| id.parse::<u64>().ok());
    let own = id.filter(|id| is_of(&shared.lock(), *id, corp, userid));
    let key = param(&form, "key").unwrap_or_default();
    let told = match own {
        Some(id) => press(&shared, id, key, Delivery::default()).await,
        None => None,
    };
    let Some(told) = told else {
        let notice = Notice::new("按钮已失效", "This card has no such button (any more).");
        return notice.refuse(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let status = told.report.statuses.last();
    let status = status.map_or_else(|| "none".to_owned(), u16::to_string);
    let back = [("corp", corp), ("userid", userid), ("told", status.as_str())];
    let target = with_params("http://here.example/messages", &back).unwrap_or_default();
    redirect(target.trim_start_matches("http://here.example"))
}

fn is_of(state: &State, id: u64, corp: &str, userid: &str) -> bool {
    let message = state.mailbox.find(id);
    message.is_some_and(|message| message.corp == corp && message.userid.eq_ignore_ascii_case(userid))
}

fn unknown() -> HttpResponse {
    Notice::new("没有这个成员", "No such member in this corp.").refuse(StatusCode::NOT_FOUND)
}

/// What became of an event, from the parameter that the page gives itself.
fn answer(status: &str) -> String {
    match status.parse::<u16>() {
        Ok(status) => format!("HTTP {status}"),
        Err(_) => "没有配置回调 no callback configured".to_owned(),
    }
}

impl Shown {
    fn of(message: &Message, state: &State) -> Self {
        let content = &message.content;
        let app = state.app(&message.corp, message.agentid);
        let mut shown = Self {
            id: message.id,
            app: app.map(|app| app.name.clone()).unwrap_or_default(),
            title: String::new(),
            lines: Vec::new(),
            links: Vec::new(),
            buttons: message.buttons.clone(),
            replaced_by: message.replaced_by.clone(),
        };
        match message.msgtype.as_str() {
            "text" => shown.say(&plain(words(content, "/content"))),
            "textcard" => {
                shown.title = plain(words(content, "/title"));
                shown.say(&plain(words(content, "/description")));
                shown.link(words(content, "/url"), words(content, "/btntxt"));
            }
            "template_card" => shown.card(content),
            _ => shown.say(&content.to_string()),
        }
        shown
    }

    /// The text of a card is shown as it is.
    fn card(&mut self, content: &Value) {
        words(content, "/main_title/title").clone_into(&mut self.title);
        self.say(words(content, "/main_title/desc"));
        self.say(words(content, "/sub_title_text"));
        for row in listed(content, "horizontal_content_list") {
            self.say(&format!("{}: {}", words(row, "/keyname"), words(row, "/value")));
        }
        self.link(words(content, "/card_action/url"), "打开 · open");
        for button in listed(content, "button_list") {
            self.link(words(button, "/url"), words(button, "/text"));
        }
    }

    fn say(&mut self, text: &str) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        self.lines.extend(lines.map(str::to_owned));
    }

    fn link(&mut self, url: &str, text: &str) {
        if url.starts_with("https://") || url.starts_with("http://") {
            self.links.push((url.to_owned(), text.to_owned()));
        }
    }
}

fn words<'a>(content: &'a Value, pointer: &str) -> &'a str {
    content.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn listed<'a>(content: &'a Value, name: &str) -> &'a [Value] {
    content.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Text with WeCom's markup as it is read: tags go, some of them begin a line, entities are what they stand for.
fn plain(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let Some((tag, after)) = from.split_once('>') else {
            rest = from;
            break;
        };
        if tag.starts_with("<br") || tag.starts_with("</div") || tag.starts_with("</p") {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_is_read_and_escaped_text_is_text() {
        let markup = "<div class=\"gray\">today</div>&lt;b&gt;Li&amp;Hua<br>a < b";
        assert_eq!(plain(markup), "today\n<b>Li&Hua\na < b");
    }
}
