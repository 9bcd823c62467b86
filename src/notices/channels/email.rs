//! E-mail by SMTP: the one file that uses `lettre`. Addresses and headers are built by it, so that nothing can be injected into them.

use std::{
    error::Error as _,
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime},
};

use lettre::{
    Address, Message,
    message::{
        Mailbox as Named, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use url::{Host, Url};

use crate::{
    kernel::{address_filter::is_link_local, certificate, clock::Timestamp, failure::Entry, secret::Secret},
    notices::{
        channel::settings::{Mailbox, Security},
        delivery::{Outcome, Outgoing},
        echo,
        failure::NoticeFailure,
        mail_text, visible,
    },
};

/// Until a connection stands.
const CONNECTING: Duration = Duration::from_secs(10);
/// Until a whole mail is accepted. Shorter than the lease of a delivery.
const SENDING: Duration = Duration::from_secs(60);
/// Until a server has said goodbye.
const LEAVING: Duration = Duration::from_secs(2);

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct EmailChannel {
    /// Certificates that are trusted besides the system's: PEM.
    ca: Option<Vec<u8>>,
    /// As what we greet servers.
    name: ClientId,
}

/// What was being done when something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Connecting,
    LoggingIn,
    Sender,
    Recipient,
    Content,
}

/// A failure, and at which step.
type Failed = (Step, Error);

impl EmailChannel {
    /// For the installation at `public_url`, whose host we greet servers by.
    pub fn new(ca: Option<Vec<u8>>, public_url: &str) -> Self {
        let host = Url::parse(public_url).ok();
        let host = host.as_ref().and_then(Url::host);
        let name = match host {
            Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
            Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
            Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
            None => ClientId::default(),
        };
        Self { ca, name }
    }

    /// Sends one mail to one address.
    pub async fn send(
        &self,
        (mailbox, password): (&Mailbox, Option<&Secret<String>>),
        message: &Outgoing,
        now: Timestamp,
    ) -> Outcome {
        let (from, to) = match addresses(mailbox, message) {
            Ok(addresses) => addresses,
            Err(entry) => return refused(entry, None, "it is no address"),
        };
        let Some(mail) = mail((mailbox, &from), &to, message, now) else {
            return refused(NoticeFailure::MailRefused.entry(), None, "no mail can be made of it");
        };
        let servers = match resolved(mailbox).await {
            Ok(servers) => servers,
            Err(outcome) => return outcome,
        };
        let sending = Box::pin(self.hand_over((mailbox, &servers, password), (from, to), &mail));
        match tokio::time::timeout(SENDING, sending).await {
            Ok(Ok((response, mut connection))) => {
                // It is accepted, whether or not the server says goodbye.
                let _left = tokio::time::timeout(LEAVING, connection.abort()).await;
                Outcome::Accepted {
                    status: Some(i32::from(u16::from(response.code()))),
                    provider_id: response.first_line().map(|line| quote(line, &sent(message, password))),
                    card: None,
                }
            }
            Ok(Err((step, error))) => classify(step, &error, &sent(message, password)),
            Err(_) => blocked(NoticeFailure::MailUnreachable.entry(), None, "not in time"),
        }
    }

    async fn hand_over(
        &self,
        (mailbox, servers, password): (&Mailbox, &[SocketAddr], Option<&Secret<String>>),
        (from, to): (Address, Address),
        mail: &Message,
    ) -> Result<(Response, AsyncSmtpConnection), Failed> {
        let at = |step: Step| move |error: Error| (step, error);
        let mut connection = self.connected(mailbox, servers).await.map_err(at(Step::Connecting))?;
        if let (Some(username), Some(password)) = (&mailbox.username, password) {
            let credentials = Credentials::new(username.clone(), password.expose().clone());
            let login = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            login.map_err(at(Step::LoggingIn))?;
        }
        let content = mail.formatted();
        // Addresses with other letters than ASCII need an extension, for which `send` asks.
        if !from.to_string().is_ascii() || !to.to_string().is_ascii() || !content.is_ascii() {
            let accepted = connection.send(mail.envelope(), &content).await;
            return Ok((accepted.map_err(at(Step::Content))?, connection));
        }
        let sender = connection.command(Mail::new(Some(from), Vec::new())).await;
        sender.map_err(at(Step::Sender))?;
        let recipient = connection.command(Rcpt::new(to, Vec::new())).await;
        recipient.map_err(at(Step::Recipient))?;
        connection.command(Data).await.map_err(at(Step::Content))?;
        let accepted = connection.message(&content).await;
        Ok((accepted.map_err(at(Step::Content))?, connection))
    }

    async fn connected(&self, mailbox: &Mailbox, servers: &[SocketAddr]) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match mailbox.security {
            Security::Tls => Some(self.trust(&mailbox.host)?),
            Security::Starttls | Security::None => None,
        };
        let connecting =
            AsyncSmtpConnection::connect_tokio1(servers, Some(CONNECTING), &self.name, at_once, None::<IpAddr>);
        let mut connection = connecting.await?;
        if mailbox.security == Security::Starttls {
            connection.starttls(self.trust(&mailbox.host)?, &self.name).await?;
        }
        Ok(connection)
    }

    fn trust(&self, host: &str) -> Result<TlsParameters, Error> {
        let parameters = TlsParameters::builder(host.to_owned());
        match &self.ca {
            Some(pem) => parameters.add_root_certificate(Certificate::from_pem(pem)?).build(),
            None => parameters.build(),
        }
    }
}

/// The addresses of the mail server that may be called. An admin names the server, so it may be in any network; but what a name leads to is not always in
/// their hands.
async fn resolved(mailbox: &Mailbox) -> Result<Vec<SocketAddr>, Outcome> {
    let asking = tokio::net::lookup_host((mailbox.host.as_str(), mailbox.port));
    let unreachable = |said: &str| blocked(NoticeFailure::MailUnreachable.entry(), None, said);
    let found = match tokio::time::timeout(CONNECTING, asking).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(unreachable(&quote(&error.to_string(), &[]))),
        Err(_) => return Err(unreachable("its name was not found in time")),
    };
    let (local, servers): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(|server| is_link_local(server.ip()));
    match (servers.is_empty(), local.first()) {
        (true, Some(local)) => {
            let said = local.ip().to_string();
            Err(blocked(NoticeFailure::MailHostLocal.entry(), None, &said))
        }
        (true, None) => Err(unreachable("its name has no address")),
        (false, _) => Ok(servers),
    }
}

/// What a server may repeat and must not be kept of its answer: links, and the password as it is said to it.
fn sent(message: &Outgoing, password: Option<&Secret<String>>) -> Vec<String> {
    let parts = message.parts.iter().filter_map(|part| part.link.clone());
    let links = message.link.iter().cloned().chain(parts);
    links
        .chain(password.map(|password| password.expose().clone()))
        .collect()
}

/// Whether a text is an address that mails can be sent to.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

fn addresses(mailbox: &Mailbox, message: &Outgoing) -> Result<(Address, Address), &'static Entry> {
    let from = mailbox.sender.parse();
    let from = from.map_err(|_| NoticeFailure::SenderRefused.entry())?;
    let to = message.address.as_deref().unwrap_or_default().parse();
    Ok((from, to.map_err(|_| NoticeFailure::AddressRefused.entry())?))
}

/// The mail. Its id is the delivery's, the same at each attempt, so that a mail server that gets it twice can tell.
fn mail((mailbox, from): (&Mailbox, &Address), to: &Address, message: &Outgoing, now: Timestamp) -> Option<Message> {
    let since = Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
    let name = mailbox
        .sender_name
        .as_deref()
        .map(visible::header)
        .filter(|name| !name.is_empty());
    let by_machine = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    Message::builder()
        .from(Named::new(name, from.clone()))
        .to(Named::new(None, to.clone()))
        .subject(visible::header(&message.title))
        .date(SystemTime::UNIX_EPOCH.checked_add(since)?)
        .message_id(Some(format!("<{}@{}>", message.mark, from.domain())))
        .raw_header(by_machine)
        .multipart(MultiPart::alternative_plain_html(
            mail_text::plain(message),
            mail_text::html(message),
        ))
        .ok()
}

fn classify(step: Step, error: &Error, sent: &[String]) -> Outcome {
    if let Some(why) = certificate::untrusted(error) {
        return blocked(NoticeFailure::MailCertificate.entry(), None, &why);
    }
    let status = error.status().map(|code| i32::from(u16::from(code)));
    let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let said = match step {
        // What answers a password may repeat it, as it is or encoded, as a whole or in parts.
        Step::LoggingIn if status.is_some() || error.is_response() => enhanced(&text).to_owned(),
        _ => quote(&text, sent),
    };
    let entry = match step {
        _ if error.is_client() => NoticeFailure::MailUnable.entry(),
        Step::Connecting => NoticeFailure::MailUnreachable.entry(),
        _ if status.is_none() => NoticeFailure::MailUnreachable.entry(),
        Step::LoggingIn => NoticeFailure::LoginRefused.entry(),
        Step::Sender => NoticeFailure::SenderRefused.entry(),
        Step::Recipient => NoticeFailure::AddressRefused.entry(),
        Step::Content => NoticeFailure::MailRefused.entry(),
    };
    // What is set up wrongly may be mended within the day, so it is tried again; an address or a mail that is refused for good is not.
    let for_good = error.is_permanent() && matches!(step, Step::Recipient | Step::Content);
    match step {
        Step::Recipient | Step::Content if for_good => refused(entry, status, &said),
        Step::Recipient | Step::Content if status.is_some() => later(entry, status, &said),
        _ => blocked(entry, status, &said),
    }
}

/// The mailbox cannot send now, whatever the mail: trying on with a wrong password gets mailboxes locked.
fn blocked(entry: &Entry, status: Option<i32>, said: &str) -> Outcome {
    Outcome::Blocked {
        status,
        error: sentence(entry, status, said),
        after: None,
    }
}

fn refused(entry: &Entry, status: Option<i32>, said: &str) -> Outcome {
    Outcome::Refused {
        status,
        error: sentence(entry, status, said),
    }
}

fn later(entry: &Entry, status: Option<i32>, said: &str) -> Outcome {
    Outcome::Later {
        status,
        error: sentence(entry, status, said),
        after: None,
    }
}

fn sentence(entry: &Entry, status: Option<i32>, said: &str) -> String {
    let status = status.map(|status| status.to_string());
    let answer: Vec<&str> = status.as_deref().into_iter().chain([said]).collect();
    match answer.join(" ").trim() {
        "" => format!("{}: {}", entry.number, entry.en),
        answer => format!("{}: {} ({answer})", entry.number, entry.en),
    }
}

/// The enhanced status code with which an answer begins (RFC 3463 §2: `5.7.8`); empty: none.
fn enhanced(text: &str) -> &str {
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_digit());
    let parts: Vec<&str> = first.split('.').collect();
    match parts.as_slice() {
        ["2" | "4" | "5", subject, detail] if is_number(subject) && is_number(detail) => first,
        _ => "",
    }
}

/// What a server said, as it is kept.
fn quote(text: &str, sent: &[String]) -> String {
    echo::quote(text, &sent.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
