//! Username template: how a new user is named by what WeCom gives of the member. Pure.
//!
//! Members can edit name, alias, address and number themselves in many corps, and portals know people by their usernames. So a name made of
//! these never takes an existing user over, and never is a word for somebody in charge.

use crate::{
    directory::{sync::snapshot::Person, user::input::is_username},
    kernel::look_alike::names_somebody_in_charge,
};

/// The template of which the userid is all.
pub const BY_USERID: &str = "{userid}";

/// Longest template, characters.
const LONGEST: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variable {
    Userid,
    Name,
    Alias,
    Email,
    Mobile,
}

impl Variable {
    const ALL: [Self; 5] = [Self::Userid, Self::Name, Self::Alias, Self::Email, Self::Mobile];

    const fn word(self) -> &'static str {
        match self {
            Self::Userid => "userid",
            Self::Name => "name",
            Self::Alias => "alias",
            Self::Email => "email",
            Self::Mobile => "mobile",
        }
    }

    /// The value, with dots for blanks; of an address what stands before the `@`, of a number the digits.
    fn of(self, person: &Person) -> Option<String> {
        let profile = &person.profile;
        let value = match self {
            Self::Userid => Some(person.userid.clone()),
            Self::Name => profile.name.clone(),
            Self::Alias => profile.alias.clone(),
            Self::Email => profile
                .email
                .as_ref()
                .and_then(|email| Some(email.rsplit_once('@')?.0.to_owned())),
            Self::Mobile => profile
                .mobile
                .as_ref()
                .map(|mobile| mobile.chars().filter(char::is_ascii_digit).collect()),
        };
        let value = value?.split_whitespace().collect::<Vec<_>>().join(".");
        (!value.is_empty()).then_some(value)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Value(Variable),
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsernameTemplate {
    parts: Vec<Part>,
}

/// The name that a new user of a member would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedName {
    /// The username.
    pub username: String,
    /// Whether it is made of what members can edit themselves.
    pub editable: bool,
    /// Why it is the userid although the template says otherwise.
    pub note: Option<String>,
}

impl UsernameTemplate {
    /// Reads a template: literal text with `{userid}`, `{name}`, `{alias}`, `{email}` (what stands before the `@`) or `{mobile}` in it.
    /// `None`: it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > LONGEST {
            return None;
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once('{') {
            let (word, after) = behind.split_once('}')?;
            let variable = Variable::ALL.into_iter().find(|variable| variable.word() == word)?;
            parts.extend((!literal.is_empty()).then(|| Part::Literal(literal.to_owned())));
            parts.push(Part::Value(variable));
            rest = after;
        }
        parts.extend((!rest.is_empty()).then(|| Part::Literal(rest.to_owned())));
        let names = parts.iter().any(|part| matches!(part, Part::Value(_)));
        // With an acceptable value in every place it must be a username.
        let plain = parts.iter().map(|part| match part {
            Part::Literal(literal) => literal,
            Part::Value(_) => "x",
        });
        (names && is_username(&plain.collect::<String>())).then_some(Self { parts })
    }

    /// The template of which the userid is all.
    pub fn by_userid() -> Self {
        Self {
            parts: vec![Part::Value(Variable::Userid)],
        }
    }

    /// What a new user of this member is named: the userid, where a value is withheld or what the template makes is no username.
    pub fn name_of(&self, person: &Person) -> WantedName {
        match self.made_of(person) {
            Ok((username, editable)) => WantedName {
                username,
                editable,
                note: None,
            },
            Err(why) => WantedName {
                username: person.userid.clone(),
                editable: false,
                note: Some(format!("named by the userid, because {why}")),
            },
        }
    }

    fn made_of(&self, person: &Person) -> Result<(String, bool), String> {
        if self.parts == Self::by_userid().parts {
            // As WeCom has it, whatever it holds.
            return Ok((person.userid.clone(), false));
        }
        let (mut username, mut editable) = (String::new(), false);
        for part in &self.parts {
            match part {
                Part::Literal(literal) => username.push_str(literal),
                Part::Value(variable) => {
                    let withheld = || format!("WeCom gives no {}", variable.word());
                    username.push_str(&variable.of(person).ok_or_else(withheld)?);
                    editable |= *variable != Variable::Userid;
                }
            }
        }
        if !is_username(&username) {
            return Err("what the template makes of this member is no username".to_owned());
        }
        if editable && names_somebody_in_charge(&username) {
            return Err("what the template makes of this member is the name of somebody in charge".to_owned());
        }
        Ok((username, editable))
    }
}

#[cfg(test)]
mod tests {
    use super::{Person, UsernameTemplate, WantedName};
    use crate::directory::sync::snapshot::Profile;

    fn person() -> Person {
        Person {
            userid: "LiHua".to_owned(),
            profile: Profile {
                name: Some("Li Hua".to_owned()),
                email: Some("hua.li@corp.example".to_owned()),
                mobile: Some("+86 138-0000-0000".to_owned()),
                ..Profile::default()
            },
            ..Person::default()
        }
    }

    fn named(template: &str, person: &Person) -> WantedName {
        UsernameTemplate::parse(template).unwrap().name_of(person)
    }

    #[test]
    fn templates_that_can_be_meant() {
        for good in [
            "{userid}",
            "{alias}",
            "{email}",
            "{mobile}",
            "qy-{userid}",
            "{name}@corp.example",
            "{userid}{userid}",
            "前{userid}",
        ] {
            assert!(UsernameTemplate::parse(good).is_some(), "{good}");
        }
        let long = format!("{{userid}}{}", "x".repeat(93));
        for bad in [
            "",
            "x",
            "{}",
            "{userid",
            "userid}",
            "{user}",
            "{ userid }",
            "{{userid}}",
            "{userid} x",
            "a/{userid}",
            "{userid}\0",
            "{USERID}",
            &long,
        ] {
            assert!(UsernameTemplate::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn names_are_made_of_what_wecom_gives() {
        for (template, username, editable) in [
            ("{userid}", "LiHua", false),
            ("qy-{userid}", "qy-LiHua", false),
            ("{name}", "Li.Hua", true),
            ("{email}", "hua.li", true),
            ("{mobile}", "8613800000000", true),
            ("{email}.{userid}", "hua.li.LiHua", true),
        ] {
            let named = named(template, &person());
            assert_eq!(
                (named.username.as_str(), named.editable, named.note),
                (username, editable, None),
                "{template}"
            );
        }
    }

    #[test]
    fn what_is_withheld_or_no_username_leaves_the_userid_and_says_so() {
        let with = |change: fn(&mut Profile)| {
            let mut person = person();
            change(&mut person.profile);
            person
        };
        for (template, person, why) in [
            ("{alias}", person(), "gives no alias"),
            (
                "{alias}",
                with(|profile| profile.alias = Some(" \u{3000}".to_owned())),
                "gives no alias",
            ),
            (
                "{mobile}",
                with(|profile| profile.mobile = Some("-".to_owned())),
                "gives no mobile",
            ),
            (
                "{name}",
                with(|profile| profile.name = Some("a/b".to_owned())),
                "no username",
            ),
            (
                "{name}",
                with(|profile| profile.name = Some("李".repeat(65))),
                "no username",
            ),
            (
                "{name}",
                with(|profile| profile.name = Some("ﬁn".to_owned())),
                "no username",
            ),
            (
                "{name}",
                with(|profile| profile.name = Some("admin".to_owned())),
                "in charge",
            ),
            (
                "{name}",
                with(|profile| profile.name = Some("r00t".to_owned())),
                "in charge",
            ),
        ] {
            let named = named(template, &person);
            assert_eq!(
                (named.username.as_str(), named.editable),
                ("LiHua", false),
                "{template}"
            );
            assert!(named.note.as_ref().is_some_and(|note| note.contains(why)), "{named:?}");
        }
        // The company gives userids, so they may be any word.
        let boss = Person {
            userid: "admin".to_owned(),
            ..person()
        };
        assert_eq!(named("{userid}", &boss).username, "admin");
    }
}
