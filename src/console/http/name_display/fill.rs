//! Puts WeCom's display component where a page names members or departments of a company whose names this session may be shown, and under the title of the page the
//! link to the scan where it may not. Only such a page loads WeCom's script and has its frames.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use actix_web::{
    HttpRequest,
    body::{BoxBody, to_bytes},
    dev::ServiceResponse,
    http::header::{CONTENT_SECURITY_POLICY, HeaderValue},
    web::{Bytes, Data},
};
use askama::Template;
use url::Url;
use uuid::Uuid;

use super::{
    mark::{Marks, Named, TITLE_END, replaced},
    told::{self, told},
};
use crate::{
    console::{http::frame::POLICY, operator::Operator},
    directory::name_proof::{Company, Department, Member, NameProofs},
    kernel::failure::Result,
};

/// What WeCom's component shows: the kind of name, and of whom.
type Name<'a> = (Uuid, &'static str, &'a str);

/// The page with names, as far as this session may see any. That the database does not answer costs names, and not the page.
pub(in crate::console::http) async fn fill(
    response: ServiceResponse<BoxBody>,
    operator: &Operator,
    marks: &Rc<Marks>,
) -> ServiceResponse<BoxBody> {
    if marks.is_empty() {
        return response;
    }
    let request = response.request().clone();
    let proofs = request.app_data::<Data<NameProofs>>().cloned();
    let named = marks.all();
    // Beside a secret there is nothing to know: ids stay, and so does the policy.
    let known = match &proofs {
        Some(proofs) if !marks.are_withheld() => {
            Known::read(proofs, operator, (named.as_slice(), marks.standing())).await
        }
        _ => Ok(Known::default()),
    };
    let known = known.unwrap_or_else(|failure| {
        tracing::error!(%failure, "who may be named on a page is not known");
        Known::default()
    });
    let component = proofs.as_ref().map(|proofs| proofs.component()).unwrap_or_default();
    let names = Names::of(&known, &named, told::chosen(&request));
    with_names(response, &request, &names, component).await
}

/// What is known of the companies that are connected by a suite.
#[derive(Default)]
struct Known {
    companies: Vec<Company>,
    /// As which members users are known there.
    members: HashMap<Uuid, Vec<Member>>,
    /// Their departments.
    departments: HashMap<Uuid, Department>,
    /// Whose names may be shown.
    standing: HashMap<Uuid, i64>,
}

impl Known {
    /// `standing`: whose names may be shown, where the page asked already.
    async fn read(
        proofs: &NameProofs,
        operator: &Operator,
        (named, standing): (&[Named], Option<HashMap<Uuid, i64>>),
    ) -> Result<Self> {
        let companies = proofs.companies().await?;
        if companies.is_empty() {
            return Ok(Self::default());
        }
        let users: Vec<Uuid> = named.iter().filter_map(Named::as_user).collect();
        let departments: Vec<Uuid> = named.iter().filter_map(Named::as_department).collect();
        let mut known = Self {
            companies,
            members: proofs.members_of(&users).await?,
            departments: proofs.departments(&departments).await?,
            standing: HashMap::new(),
        };
        // A page of people whose names are told needs no proof.
        if named.iter().any(|named| known.name(named).is_some()) {
            known.standing = match standing {
                Some(standing) => standing,
                None => proofs.standing(operator.session).await?,
            };
        }
        Ok(known)
    }

    fn company(&self, source: Uuid) -> Option<&Company> {
        self.companies.iter().find(|company| company.source == source)
    }

    /// What stands for this in WeCom, where WeCom withholds the name.
    fn name<'a>(&'a self, named: &'a Named) -> Option<Name<'a>> {
        let (source, kind, id) = match named {
            Named::User(user) => {
                let members = self.members.get(user)?;
                let shown = members.iter().find(|member| self.standing.contains_key(&member.source));
                let member = shown.or_else(|| members.first())?;
                (member.source, "userName", member.userid.as_str())
            }
            Named::Member(source, userid) => (*source, "userName", userid.as_str()),
            Named::OfCorp(corp, userid) => {
                let of_corp = self.companies.iter().find(|company| company.corp_key == *corp)?;
                (of_corp.source, "userName", userid.as_str())
            }
            Named::DepartmentOf(source, wecom_id) => (*source, "departmentName", wecom_id.as_str()),
            Named::Department(id) => {
                let department = self.departments.get(id)?;
                (department.source, "departmentName", department.wecom_id.as_str())
            }
        };
        self.company(source).map(|_| (source, kind, id))
    }
}

/// What a page is to have of names.
struct Names<'a> {
    known: &'a Known,
    /// By the number of the mark.
    names: Vec<Option<Name<'a>>>,
    /// The companies that are named, in the order of the page.
    named: Vec<&'a Company>,
    /// The one whose names are shown: WeCom signs a page for one.
    shown: Option<&'a Company>,
}

impl<'a> Names<'a> {
    /// `wanted`: the company whose names somebody chose to see.
    fn of(known: &'a Known, named: &'a [Named], wanted: Option<Uuid>) -> Self {
        let names: Vec<_> = named.iter().map(|named| known.name(named)).collect();
        let mut order: BTreeMap<Uuid, usize> = BTreeMap::new();
        for (number, (source, ..)) in names.iter().flatten().enumerate() {
            order.entry(*source).or_insert(number);
        }
        let mut named: Vec<&Company> = order.keys().filter_map(|source| known.company(*source)).collect();
        named.sort_by_key(|company| order.get(&company.source).copied());
        let may = |company: &&&Company| known.standing.contains_key(&company.source);
        let chosen = named.iter().filter(may).find(|company| Some(company.source) == wanted);
        let shown = chosen.or_else(|| named.iter().find(may)).copied();
        Self {
            known,
            names,
            named,
            shown,
        }
    }

    /// The component for a mark.
    fn element(&self, number: usize) -> String {
        let name = self.names.get(number).copied().flatten();
        let shown = self.shown.map(|company| company.source);
        match name.filter(|(source, ..)| Some(*source) == shown) {
            Some((_, kind, id)) => Element { kind, id }.render().unwrap_or_default(),
            None => String::new(),
        }
    }

    /// The other companies that are named: those that may be shown, and those that may not.
    fn others(&self) -> (Vec<&'a Company>, Vec<&'a Company>) {
        let shown = self.shown.map(|shown| shown.source);
        let others = self
            .named
            .iter()
            .copied()
            .filter(|company| Some(company.source) != shown);
        others.partition(|company| self.known.standing.contains_key(&company.source))
    }
}

/// The component beside an id.
#[derive(Template)]
#[template(
    source = r#" <ww-open-data type="{{ kind }}" openid="{{ id }}"></ww-open-data>"#,
    ext = "html"
)]
struct Element<'a> {
    kind: &'static str,
    id: &'a str,
}

async fn with_names(
    response: ServiceResponse<BoxBody>,
    request: &HttpRequest,
    names: &Names<'_>,
    (script, frame): (&str, &str),
) -> ServiceResponse<BoxBody> {
    let (_, response) = response.into_parts();
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body).await.unwrap_or_default();
    let Ok(made) = std::str::from_utf8(&bytes) else {
        return ServiceResponse::new(request.clone(), head.set_body(BoxBody::new(bytes)));
    };
    let loads = names.shown.is_some() && made.contains(TITLE_END);
    let (others, hidden) = names.others();
    let told = told(request, (names.shown, others, hidden), script);
    let text = replaced(made, |number| names.element(number), &told);
    if loads && let Some(policy) = policy(script, frame) {
        head.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    ServiceResponse::new(request.clone(), head.set_body(BoxBody::new(Bytes::from(text))))
}

/// The console's policy, widened by WeCom's script and the origin of its frames: what runs, which is that one file, what is shown in frames, and whom it
/// asks.
fn policy(script: &str, frame: &str) -> Option<HeaderValue> {
    let origin = |address: &Url| address.origin().ascii_serialization();
    let (file, frame) = (Url::parse(script).ok()?, origin(&Url::parse(frame).ok()?));
    let script = origin(&file);
    // Both would end the source.
    let path = file.path().replace(';', "%3B").replace(',', "%2C");
    let asks = if script == frame {
        script.clone()
    } else {
        format!("{script} {frame}")
    };
    let policy = POLICY
        .replace("script-src 'self'", &format!("script-src 'self' {script}{path}"))
        .replace("connect-src 'self'", &format!("connect-src 'self' {asks}"));
    HeaderValue::from_str(&format!("{policy}; frame-src {frame}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company(number: u128, name: &str) -> Company {
        Company {
            source: Uuid::from_u128(number),
            name: name.to_owned(),
            corp_id: format!("wp{number}"),
            corp_key: format!("wp{number}/suite"),
        }
    }

    fn known(standing: &[u128]) -> Known {
        let member = |(user, source, userid): (u128, u128, &str)| {
            let source = Uuid::from_u128(source);
            let userid = userid.to_owned();
            (Uuid::from_u128(user), vec![Member { source, userid }])
        };
        let department = Department {
            source: Uuid::from_u128(1),
            wecom_id: "4".to_owned(),
        };
        Known {
            companies: vec![company(1, "A"), company(2, "B")],
            members: [(7, 1, "wo7"), (8, 2, "wo8"), (9, 3, "wo9")].map(member).into(),
            departments: [(Uuid::from_u128(6), department)].into(),
            standing: standing.iter().map(|source| (Uuid::from_u128(*source), 0)).collect(),
        }
    }

    fn named() -> Vec<Named> {
        vec![
            Named::User(Uuid::from_u128(7)),
            Named::OfCorp("wp2/suite".to_owned(), "wo8\"><script>".to_owned()),
            Named::User(Uuid::from_u128(9)),
            Named::Department(Uuid::from_u128(6)),
            Named::Member(Uuid::from_u128(5), "li".to_owned()),
        ]
    }

    #[test]
    fn names_of_one_company_are_shown_where_they_may_be_and_of_nobody_else() {
        let (known, named) = (known(&[1]), named());
        let names = Names::of(&known, &named, None);
        assert_eq!(
            names.element(0),
            r#" <ww-open-data type="userName" openid="wo7"></ww-open-data>"#
        );
        assert_eq!(
            names.element(3),
            r#" <ww-open-data type="departmentName" openid="4"></ww-open-data>"#
        );
        for other in [1, 2, 4, 99] {
            assert_eq!(names.element(other), "", "{other}");
        }
        let of: Vec<&str> = names.named.iter().map(|company| company.name.as_str()).collect();
        assert_eq!(of, ["A", "B"], "companies that are named, and no others");
    }

    #[test]
    fn whoever_is_known_to_several_companies_is_named_by_the_one_whose_names_are_shown() {
        let several = |standing: &[u128]| {
            let mut known = known(standing);
            let of = |source: u128, userid: &str| Member {
                source: Uuid::from_u128(source),
                userid: userid.to_owned(),
            };
            known
                .members
                .insert(Uuid::from_u128(7), vec![of(1, "wo71"), of(2, "wo72")]);
            known
        };
        let named = [Named::User(Uuid::from_u128(7))];
        for (standing, userid) in [(1, "wo71"), (2, "wo72")] {
            let known = several(&[standing]);
            let shown = Names::of(&known, &named, None).element(0);
            assert!(shown.contains(&format!("openid=\"{userid}\"")), "{shown}");
        }
        assert_eq!(Names::of(&several(&[]), &named, None).named[0].name, "A");
    }

    #[test]
    fn without_a_proof_nothing_is_shown_and_an_odd_id_stays_one() {
        let (nobody, second, named) = (known(&[]), known(&[2]), named());
        let names = Names::of(&nobody, &named, None);
        assert!((0..5).all(|number| names.element(number).is_empty()) && names.shown.is_none());
        let names = Names::of(&second, &named, None);
        assert!(!names.element(1).contains("<script>") && names.element(1).contains("wo8"));
        assert_eq!(names.element(0), "");
    }

    #[test]
    fn the_policy_is_wider_by_these_origins_and_nothing_else() {
        let policy = policy("https://cdn.example/a/b.js?v=1", "https://frames.example/x").unwrap();
        assert_eq!(
            policy.to_str().unwrap(),
            "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self' https://cdn.example/a/b.js; connect-src 'self' \
             https://cdn.example https://frames.example; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src https://frames.example"
        );
        assert!(super::policy("no address", "https://frames.example").is_none());
    }
}
