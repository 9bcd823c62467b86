//! A mail server (RFC 5321) that keeps what it is given, and answers what it is told to answer.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::sync::watch;

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The line `MAIL FROM`.
    pub from: String,
    /// The lines `RCPT TO`.
    pub to: Vec<String>,
    /// Head and body, lines ended by `\n`, dots unstuffed.
    pub text: String,
}

impl Mail {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\n\n").next().unwrap().replace("\n ", " ");
        let found = head.lines().find(|line| {
            line.split_once(':')
                .is_some_and(|(known, _)| known.eq_ignore_ascii_case(name))
        })?;
        Some(found.split_once(':').unwrap().1.trim().to_owned())
    }

    /// The text with its quoted-printable parts decoded (RFC 2045 §6.7); for mails in ASCII.
    pub fn readable(&self) -> String {
        let joined = self.text.replace("=\n", "");
        let mut parts = joined.split('=');
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => {
                    text.push(char::from(byte));
                    text.push_str(&part[2..]);
                }
                None => {
                    text.push('=');
                    text.push_str(part);
                }
            }
        }
        text
    }

    /// The same, with its base64 parts (RFC 2045 §6.8) and the encoded words of its headers (RFC 2047) decoded besides.
    pub fn words(&self) -> String {
        let mut words = self.readable();
        for part in self.text.split("\n\n") {
            let body: String = part.lines().take_while(|line| !line.starts_with("--")).collect();
            if let Ok(plain) = BASE64_STANDARD.decode(body) {
                words.push_str(&String::from_utf8_lossy(&plain));
            }
        }
        for word in self.text.split("=?utf-8?b?").skip(1) {
            let word = word.split("?=").next().unwrap();
            words.push_str(&String::from_utf8_lossy(&BASE64_STANDARD.decode(word).unwrap()));
        }
        words
    }
}

/// A listening server; it stops with the test.
#[derive(Clone)]
pub struct SmtpSink {
    /// Its port on 127.0.0.1.
    pub port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
    commands: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<HashMap<&'static str, String>>>,
    silent: Arc<AtomicBool>,
    count: watch::Sender<usize>,
}

impl SmtpSink {
    /// One that accepts everything.
    pub fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            mails: Arc::default(),
            commands: Arc::default(),
            answers: Arc::default(),
            silent: Arc::default(),
            count: watch::Sender::new(0),
        };
        let server = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || drop(server.converse(stream)));
            }
        });
        sink
    }

    /// From now on this command (`MAIL`; `.` is the end of a mail) is answered so.
    pub fn answer(&self, command: &'static str, line: &str) {
        self.answers.lock().unwrap().insert(command, line.to_owned());
    }

    /// From now on everything is accepted.
    pub fn accept(&self) {
        self.answers.lock().unwrap().clear();
        self.silent.store(false, Ordering::SeqCst);
    }

    /// From now on a mail is kept and not answered.
    pub fn fall_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// What arrived.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// What was said.
    pub fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }

    /// Waits until so many mails arrived.
    pub async fn wait_for(&self, count: usize) {
        self.count.subscribe().wait_for(|kept| *kept >= count).await.unwrap();
    }

    fn answer_to(&self, command: &str, usual: &str) -> String {
        let answers = self.answers.lock().unwrap();
        answers.get(command).cloned().unwrap_or_else(|| usual.to_owned())
    }

    fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream);
        let mut say = |line: String| write!(out, "{line}\r\n");
        say("220 sink.example ESMTP".to_owned())?;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let command = line.trim_end().to_owned();
            self.commands.lock().unwrap().push(command.clone());
            let verb = command
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say(self.answer_to(
                    "EHLO",
                    "250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN",
                ))?,
                "AUTH" => say(self.answer_to("AUTH", "235 welcome"))?,
                "MAIL" => {
                    from.clone_from(&command);
                    say(self.answer_to("MAIL", "250 ok"))?;
                }
                "RCPT" => {
                    to.push(command);
                    say(self.answer_to("RCPT", "250 ok"))?;
                }
                "DATA" => {
                    say("354 go on".to_owned())?;
                    let text = data(&mut lines)?;
                    let refusal = self.answer_to(".", "250 kept as 1");
                    // Looked at before anybody learns of the mail: who has waited for it may let the sink answer again.
                    let silent = self.silent.load(Ordering::SeqCst);
                    if refusal.starts_with('2') {
                        let mail = Mail {
                            from: from.clone(),
                            to: std::mem::take(&mut to),
                            text,
                        };
                        self.mails.lock().unwrap().push(mail);
                        self.count.send_modify(|count| *count += 1);
                    }
                    if silent {
                        // Until the other side is gone.
                        while lines.read_line(&mut line)? > 0 {}
                        return Ok(());
                    }
                    say(refusal)?;
                }
                "QUIT" => return say("221 bye".to_owned()),
                _ => say("250 ok".to_owned())?,
            }
        }
    }
}

fn data(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end_matches(['\r', '\n']) {
            "." => return Ok(text),
            line => {
                text.push_str(line.strip_prefix('.').unwrap_or(line));
                text.push('\n');
            }
        }
    }
}
