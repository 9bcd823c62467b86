//! Where an address comes from, what a template makes, and for which domains an admin vouches. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    directory::user::provenance::{EmailSource, Origin},
    kernel::{formats::is_email, validation::ValidationErrors},
};

/// The source that is WeCom's corporate mailbox (企业邮箱).
pub const BIZ_MAIL: &str = "biz_mail";
/// The source that is the member's own address (邮箱).
pub const EMAIL: &str = "email";
/// Most domains vouched for.
const MOST_DOMAINS: usize = 50;
/// Longest template, characters.
const LONGEST_TEMPLATE: usize = 200;
/// Variables of a template.
const VARIABLES: [&str; 2] = ["userid", "username"];

/// Which data source gave a user's address and may take it back; one that an admin typed in was given by none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailOrigin {
    /// WeCom gave it to a sync, or it is their corporate mailbox and they agreed to show it.
    Wecom,
    /// The person's own address of WeCom, which they agreed to show and may have typed in themselves: nobody's word covers it.
    Own,
    /// The data source's template made it.
    Template,
}

impl EmailOrigin {
    /// What the provenance of an address comes to.
    pub const fn of(origin: &Origin) -> Option<Self> {
        match origin {
            Origin::Wecom { .. } => Some(Self::Wecom),
            Origin::Consent { email_source, .. } => match email_source {
                Some(EmailSource::BizMail) => Some(Self::Wecom),
                Some(EmailSource::Email) | None => Some(Self::Own),
            },
            Origin::Template => Some(Self::Template),
            Origin::Admin { .. } | Origin::Unknown => None,
        }
    }
}

/// A domain for whose addresses an admin vouches: they belong to those whom the data source gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VouchedDomain {
    /// The domain, in lower case.
    #[schema(example = "corp.example")]
    pub domain: String,
    /// Who said so, as in the audit log.
    pub vouched_by: String,
    /// When, milliseconds since 1970.
    pub vouched_at: i64,
}

/// What an admin decides about the addresses of a data source's people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSettings {
    /// `biz_mail`, `email`, and at the end perhaps a template; the first that gives an address counts.
    pub sources: Vec<String>,
    /// Addresses of these domains are verified.
    pub vouched_domains: Vec<VouchedDomain>,
}

impl Default for EmailSettings {
    fn default() -> Self {
        Self {
            sources: vec![BIZ_MAIL.to_owned(), EMAIL.to_owned()],
            vouched_domains: Vec::new(),
        }
    }
}

/// The first address that WeCom gives, in this order of sources; and one that it gives besides.
pub fn first_given(
    sources: &[String],
    biz_mail: Option<String>,
    email: Option<String>,
) -> (Option<String>, Option<String>) {
    let given = |source: &str| match source {
        BIZ_MAIL => biz_mail.is_some(),
        EMAIL => email.is_some(),
        _ => false,
    };
    match sources.iter().map(String::as_str).find(|source| given(source)) {
        Some(BIZ_MAIL) => (biz_mail, email),
        Some(_) => (email, biz_mail),
        None => (None, email.or(biz_mail)),
    }
}

/// The first address that WeCom gives, in this order of sources, with the source that gave it.
pub fn first_with_source(
    sources: &[String],
    biz_mail: Option<String>,
    email: Option<String>,
) -> Option<(EmailSource, String)> {
    let of = |source: &String| match source.as_str() {
        BIZ_MAIL => Some((EmailSource::BizMail, biz_mail.clone()?)),
        EMAIL => Some((EmailSource::Email, email.clone()?)),
        _ => None,
    };
    sources.iter().find_map(of)
}

/// Whether an address is of one of these domains.
pub fn is_vouched_for(domains: &[VouchedDomain], address: &str) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    domain.is_some_and(|domain| {
        domains
            .iter()
            .any(|vouched| vouched.domain.eq_ignore_ascii_case(domain))
    })
}

/// Adds a fault for each source that is not acceptable.
pub fn check_sources(faults: &mut ValidationErrors, sources: &[String]) {
    for (index, source) in sources.iter().enumerate() {
        let field = format!("email_sources[{index}]");
        let last = index + 1 == sources.len();
        match source.as_str() {
            BIZ_MAIL | EMAIL => faults.check(!sources.iter().take(index).any(|other| other == source), &field, "is listed twice"),
            template if is_template(template) => faults.check(last, &field, "a template gives an address to everybody, so it comes last"),
            _ => faults.add(
                &field,
                "must be biz_mail, email, or a template like {userid}@corp.example with {userid} or {username} before the @",
            ),
        }
    }
}

/// Adds a fault for each domain that is not acceptable.
pub fn check_domains(faults: &mut ValidationErrors, domains: &[String]) {
    let field = "vouched_email_domains";
    faults.check(
        domains.len() <= MOST_DOMAINS,
        field,
        format_args!("takes up to {MOST_DOMAINS} domains"),
    );
    for (index, domain) in domains.iter().take(MOST_DOMAINS).enumerate() {
        let wanted = "must be a domain like corp.example, without @ and wildcards";
        faults.check(is_domain(domain), &format!("{field}[{index}]"), wanted);
    }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

/// Whether this is a template whose domain is fixed and whose local part names the person.
fn is_template(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let names = VARIABLES.iter().any(|name| local.contains(&format!("{{{name}}}")));
    text.len() <= LONGEST_TEMPLATE && names && is_domain(domain) && made(text, "x", "x").is_some()
}

/// The address that a template makes; `None` where that is not plainly one address: a userid may hold an `@`.
pub(super) fn made(template: &str, userid: &str, username: &str) -> Option<String> {
    let mut address = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        address.push_str(before);
        address.push_str(match name {
            "userid" => userid,
            "username" => username,
            _ => return None,
        });
        rest = behind;
    }
    address.push_str(rest);
    let (local, _) = address.split_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (!dots && local.chars().all(plain) && is_email(&address)).then_some(address)
}

impl EmailSettings {
    /// The template, if there is one.
    pub fn template(&self) -> Option<&str> {
        let last = self.sources.last().map(String::as_str);
        last.filter(|source| !matches!(*source, BIZ_MAIL | EMAIL))
    }

    /// Whether somebody vouches for this address: for exactly its domain.
    pub fn vouches_for(&self, address: &str) -> bool {
        is_vouched_for(&self.vouched_domains, address)
    }

    /// Vouches for exactly these domains from now on; a statement made before stays as it is.
    pub fn vouch(&mut self, domains: &[String], by: &str, at: i64) {
        let mut vouched: Vec<VouchedDomain> = Vec::new();
        for domain in domains.iter().map(|domain| domain.to_ascii_lowercase()) {
            if vouched.iter().any(|known| known.domain == domain) {
                continue;
            }
            let before = self.vouched_domains.iter().find(|known| known.domain == domain);
            vouched.push(before.cloned().unwrap_or_else(|| VouchedDomain {
                domain,
                vouched_by: by.to_owned(),
                vouched_at: at,
            }));
        }
        self.vouched_domains = vouched;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::failure::DirectoryFailure;

    fn refused(check: impl Fn(&mut ValidationErrors)) -> bool {
        let mut faults = ValidationErrors::default();
        check(&mut faults);
        faults.into_result(DirectoryFailure::Invalid.entry()).is_err()
    }

    #[test]
    fn sources_and_domains_that_can_be_meant() {
        let sources = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|source| (*source).to_owned()).collect();
            refused(|faults| check_sources(faults, &list))
        };
        for good in [
            &["biz_mail", "email", "{userid}@corp.example"][..],
            &["email"],
            &[],
            &["hr-{username}@corp.example"],
        ] {
            assert!(!sources(good), "{good:?}");
        }
        for bad in [
            &["mobile"][..],
            &["email", "email"],
            &["{userid}@corp.example", "email"],
            &["all@corp.example"],
            &["a@{userid}"],
            &["{userid}@{userid}.example"],
            &["{name}@corp.example"],
            &["{userid@corp.example"],
            &["{userid}@corp"],
            &["{userid} x@corp.example"],
            &[""],
        ] {
            assert!(sources(bad), "{bad:?}");
        }
        for (domain, fits) in [
            ("corp.example", true),
            ("Mail.Corp.Example", true),
            ("corp", false),
            ("@corp.example", false),
            ("*.corp.example", false),
            ("corp.example.", false),
            ("", false),
        ] {
            let list = [domain.to_owned()];
            assert_eq!(!refused(|faults| check_domains(faults, &list)), fits, "{domain}");
        }
    }

    #[test]
    fn wecoms_address_is_chosen_by_the_order() {
        let order = |list: &[&str]| list.iter().map(|source| (*source).to_owned()).collect::<Vec<_>>();
        let (biz, own) = (|| Some("b@x".to_owned()), || Some("e@x".to_owned()));
        assert_eq!(
            first_given(&order(&["biz_mail", "email"]), biz(), own()),
            (biz(), own())
        );
        assert_eq!(
            first_given(&order(&["email", "biz_mail"]), biz(), own()),
            (own(), biz())
        );
        assert_eq!(first_given(&order(&["biz_mail", "email"]), None, own()), (own(), None));
        assert_eq!(first_given(&order(&["biz_mail"]), None, own()), (None, own()));
    }

    #[test]
    fn a_statement_keeps_who_made_it_first() {
        let mut settings = EmailSettings::default();
        let domains = |list: &[&str]| list.iter().map(|domain| (*domain).to_owned()).collect::<Vec<_>>();
        settings.vouch(&domains(&["A.example"]), "token:one", 1);
        settings.vouch(&domains(&["b.example", "a.example", "A.EXAMPLE"]), "token:two", 2);
        let told: Vec<_> = settings
            .vouched_domains
            .iter()
            .map(|vouched| (vouched.domain.as_str(), vouched.vouched_by.as_str(), vouched.vouched_at))
            .collect();
        assert_eq!(told, [("b.example", "token:two", 2), ("a.example", "token:one", 1)]);
    }
}
