//! What the other side answered, without what it only repeats: a receiver that echoes a request must not have its links, keys and signatures end in what admins
//! read. Pure.

use std::collections::HashSet;

use super::visible;

/// From so many letters on a run that was sent is a repetition, and not a word that both sides use.
const RUN: usize = 12;
/// Longest word that is kept, letters: longer ones are tokens, digests and encoded texts.
const LONGEST_WORD: usize = 40;
/// Most letters of an answer that are looked at.
const LOOKED_AT: usize = 2000;
/// Longest quote, letters.
const LONGEST_QUOTE: usize = 200;
/// Stands for what is left out.
const GAP: char = '…';

/// What of an answer is kept, as one line of visible characters: what it repeats of `sent`, and what looks like a token, is left out.
pub fn quote(answer: &str, sent: &[&str]) -> String {
    let answer: Vec<char> = visible::line(&answer.chars().take(LOOKED_AT).collect::<String>())
        .chars()
        .collect();
    let sent: Vec<Vec<char>> = sent.iter().map(|sent| sent.chars().collect()).collect();
    let runs: HashSet<&[char]> = sent.iter().flat_map(|sent| sent.windows(RUN)).collect();
    let mut repeated = vec![false; answer.len()];
    for (start, run) in answer.windows(RUN).enumerate() {
        if runs.contains(run) {
            repeated
                .iter_mut()
                .skip(start)
                .take(RUN)
                .for_each(|letter| *letter = true);
        }
    }
    let mut kept = String::new();
    for (letter, repeated) in answer.iter().zip(repeated) {
        match repeated {
            false => kept.push(*letter),
            true if kept.ends_with(GAP) => {}
            true => kept.push(GAP),
        }
    }
    let words = kept
        .split(' ')
        .map(|word| match word.chars().count() > LONGEST_WORD && word.is_ascii() {
            true => shortened(word),
            false => word.to_owned(),
        });
    words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(LONGEST_QUOTE)
        .collect()
}

/// A word without the runs of letters that are too long for words.
fn shortened(word: &str) -> String {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || "-_+/=%.".contains(letter);
    let mut kept = String::new();
    let mut run = String::new();
    for letter in word.chars().chain([' ']) {
        if is_inside(letter) {
            run.push(letter);
            continue;
        }
        match run.len() > LONGEST_WORD {
            true => kept.push(GAP),
            false => kept.push_str(&run),
        }
        run.clear();
        kept.push(letter);
    }
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"type":"alert","data":{"link":"https://sso.corp.example/access-requests/q3Zx8TfK1mPqWv5sN7bYcLrD0gHjUeAi"}}"#;
    const SIGNATURE: &str = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=";

    #[test]
    fn what_was_sent_is_not_kept_and_what_is_wrong_is() {
        let kept = quote(
            &format!("400 bad field \"colour\" in {BODY} signed {SIGNATURE}"),
            &[BODY, SIGNATURE],
        );
        assert!(kept.starts_with("400 bad field \"colour\" in …"), "{kept}");
        for secret in ["q3Zx8TfK", "gHjUeAi", "K5oZ", "pI4="] {
            assert!(!kept.contains(secret), "{secret} in {kept}");
        }
        assert_eq!(
            quote("{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", &[BODY]),
            "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}"
        );
        assert_eq!(
            quote("no such type: alert", &[BODY]),
            "no such type: alert",
            "short words are everybody's"
        );
    }

    #[test]
    fn what_looks_like_a_token_is_not_kept_though_nobody_knows_it() {
        let token = "q3Zx8TfK1mPqWv5sN7bYcLrD0gHjUeAiq3Zx8TfK1mPqWv5s";
        assert_eq!(quote(&format!("token \"{token}\" expired"), &[]), "token \"…\" expired");
        assert_eq!(
            quote(
                "企业微信群机器人地址无效请检查后重新填写企业微信群机器人地址无效请检查后重新填写再试一次",
                &[]
            )
            .chars()
            .count(),
            44
        );
    }

    #[test]
    fn a_quote_is_short_and_steers_nothing() {
        let kept = quote(&format!("\u{202e}a\r\nb{}", " word".repeat(1000)), &[]);
        assert!(
            kept.starts_with("a b word") && kept.chars().count() == LONGEST_QUOTE,
            "{kept}"
        );
    }
}
