//! Use cases: one person at a portal, everybody at a portal, and how many.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    chain::{as_if_asked, explained, judgement, line, person},
    model::{Asked, Question, SORTS, Way, Who},
    view::{Change, Counts, Explanation, Filter, PersonLine, WayCounts, WayExplanation, WayKind},
};
use crate::{
    gate::{
        admit::Gate,
        checks,
        facts::{Facts, Identity, Live},
        failure::GateFailure,
        identity,
        live_looks::{Occasion, Seen},
        store::population::{People, Surroundings},
        visit::Denied,
    },
    kernel::{
        failure::{Failure, Result},
        sorting::{SortedListing, SortedPage},
    },
    wecom::model::SecretKind,
};

/// People whose rows are read together.
const CHUNK: u64 = 500;
/// People looked through for one page; where a filter finds few, a page may hold fewer than it could.
const MOST_LOOKED_THROUGH: u64 = 1_000;

/// What WeCom answered for one explanation: by corp ID, app and userid.
type Looks = Vec<((String, SecretKind, String), Result<Seen>)>;

/// WeCom was not asked, and why.
fn unasked(why: &str) -> Asked {
    Asked::NotNow(
        GateFailure::NotConfirmed
            .failure()
            .detail(format!("WeCom was not asked: {why}")),
    )
}

fn failed(denied: Denied) -> Failure {
    match denied {
        Denied::Failed(failure) => failure,
        Denied::Refused(refusal) => refusal.failure(),
    }
}

/// The portal as it stands, and as it would be.
struct Compared {
    stands: Surroundings,
    imagined: Option<(Surroundings, bool)>,
}

impl Compared {
    fn lines(&self, people: &People, filter: &Filter) -> Result<Vec<PersonLine>> {
        let stands = self.stands.candidates(people)?;
        let Some((imagined, wecom_down)) = &self.imagined else {
            return Ok(stands.into_iter().map(|stands| line(stands, None, filter)).collect());
        };
        let both = stands.into_iter().zip(imagined.candidates(people)?);
        Ok(both
            .map(|(stands, then)| line(stands, Some((then, *wecom_down)), filter))
            .collect())
    }
}

impl Gate {
    /// The chain of checks for one person by each of their ways. `ask_wecom`: WeCom is asked as at a visit, within bounds of its own, and
    /// nothing follows from its answer.
    ///
    /// # Errors
    /// `DI-102` for a person whom there is not, `GT-124` for a what-if that names what there is not, and when a store does not answer.
    pub async fn explain(&self, who: &Who, question: &Question, ask_wecom: bool) -> Result<Explanation> {
        let compared = self.compared(question).await?;
        let people = self.store().one(who).await?;
        let people = self.with_sessions(people, question).await?;
        let stands = compared.stands.candidates(&people)?;
        let (candidates, wecom_down) = match &compared.imagined {
            Some((imagined, wecom_down)) => (imagined.candidates(&people)?, *wecom_down),
            None => (stands.clone(), false),
        };
        let (mut explanations, mut looks) = (Vec::with_capacity(candidates.len()), Looks::new());
        for (candidate, stands) in candidates.into_iter().zip(stands) {
            let mut ways = Vec::with_capacity(candidate.ways.len());
            for ((way, facts), (_, today)) in candidate.ways.iter().zip(stands.ways) {
                let mut explained = match ask_wecom && !wecom_down {
                    true => self.explain_asking(way, facts.clone(), &mut looks).await,
                    false => explained(way, &as_if_asked(facts.clone(), wecom_down), &Asked::No),
                };
                explained.today = compared.imagined.as_ref().map(|_| judgement(today, false));
                ways.push(explained);
            }
            explanations.push(person(candidate, ways));
        }
        Ok(Explanation {
            client_id: compared.stands.client_id().to_owned(),
            people: explanations,
        })
    }

    /// A way of which WeCom is asked, where a visit would ask.
    async fn explain_asking(&self, way: &Way, facts: Facts, looks: &mut Looks) -> WayExplanation {
        let Identity::Member { userid } = facts.identity.clone() else {
            return explained(way, &as_if_asked(facts, false), &Asked::No);
        };
        if checks::refuses_unasked(&facts) {
            return explained(way, &as_if_asked(facts, false), &Asked::No);
        }
        let mut seen = facts.clone();
        match self.ask(&mut seen, &userid, looks).await {
            Ok(Asked::NotNow(why)) => explained(way, &as_if_asked(facts, false), &Asked::NotNow(why)),
            Ok(asked) => explained(way, &seen, &asked),
            Err(denied) => explained(way, &facts, &Asked::Failed(failed(denied))),
        }
    }

    /// Puts WeCom's answer into the facts; tells whether it was asked. Looks of explanations are counted by themselves, so that they use up
    /// nothing that scans and sessions need, and each app is asked once.
    async fn ask(&self, facts: &mut Facts, userid: &str, looks: &mut Looks) -> Result<Asked, Denied> {
        let Some(credential) = self.credential(facts).await? else {
            return Ok(unasked("there is no WeCom app to ask through"));
        };
        let app = (credential.corp_id.clone(), credential.kind, userid.to_lowercase());
        let known = looks
            .iter()
            .find(|(asked, _)| *asked == app)
            .map(|(_, seen)| seen.clone());
        let looked = if let Some(looked) = known {
            looked
        } else {
            let looked = self.looks().look((&credential, userid), Occasion::Explanation).await;
            let looked = looked.map_err(failed);
            looks.push((app, looked.clone()));
            looked
        };
        let (live, seen) = looked?;
        if live == Live::OverBudget {
            return Ok(unasked("too many looks were made in the last minute to explain"));
        }
        facts.live = live;
        if let Some((seen, member)) = seen.and_then(|seen| identity::questionable(facts, &seen).map(|id| (seen, id))) {
            let verdict = self.sync().weigh_unrecorded(member, &seen).await?;
            identity::note(facts, verdict);
        }
        Ok(Asked::Yes)
    }

    /// Everybody at a portal, as the filter shows them. A page may hold fewer than its limit although there are more.
    ///
    /// # Errors
    /// `GT-124` for a what-if that names what there is not, and when the database does not answer.
    pub async fn access_page(
        &self,
        question: &Question,
        filter: &Filter,
        page: &SortedPage,
    ) -> Result<SortedListing<PersonLine>> {
        let compared = self.compared(question).await?;
        let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let (mut items, mut last, mut looked_through) = (Vec::new(), None, 0);
        // Without a filter the first ones fill the page.
        let mut chunk = SortedPage {
            limit: page.fetch().min(CHUNK),
            ..page.clone()
        };
        loop {
            let mut people = self.chunk(question, filter, &chunk).await?;
            let lines = compared.lines(&people, filter)?;
            for (place, line) in std::mem::take(&mut people.places).into_iter().zip(lines) {
                if !filter.shows(&line) {
                    continue;
                }
                if items.len() == most {
                    let next_cursor = last.map(|last| page.cursor(&last));
                    return Ok(SortedListing { items, next_cursor });
                }
                items.push(line);
                last = Some(place);
            }
            looked_through += chunk.limit;
            chunk = SortedPage {
                after: people.next,
                limit: CHUNK,
                ..chunk
            };
            if chunk.after.is_none() || looked_through >= MOST_LOOKED_THROUGH {
                return Ok(SortedListing {
                    next_cursor: chunk.after.map(|after| page.cursor(&after)),
                    items,
                });
            }
        }
    }

    /// How many a portal would let in, and why not the others; of so many people at most, the first by their ids.
    ///
    /// # Errors
    /// `GT-124` for a what-if that names what there is not, and when the database does not answer.
    pub async fn access_counts(&self, question: &Question, filter: &Filter, most: Option<u64>) -> Result<Counts> {
        let compared = self.compared(question).await?;
        let mut tally = Tally::default();
        let (mut page, mut left) = (SortedPage::first(SORTS.unasked(), 0), most.unwrap_or(u64::MAX));
        loop {
            page.limit = left.min(CHUNK);
            left -= page.limit;
            let people = self.chunk(question, filter, &page).await?;
            for line in compared.lines(&people, filter)? {
                if filter.shows(&line) {
                    tally.add(line);
                }
            }
            page.after = people.next;
            if page.after.is_none() || left == 0 {
                return Ok(tally.counts(compared.imagined.is_some(), page.after.is_none()));
            }
        }
    }

    async fn chunk(&self, question: &Question, filter: &Filter, page: &SortedPage) -> Result<People> {
        let people = self.store().people(filter.search.as_deref(), page).await?;
        self.with_sessions(people, question).await
    }

    /// Sessions are ways of their own while WeCom is down.
    async fn with_sessions(&self, people: People, question: &Question) -> Result<People> {
        let down = question.what_if.as_ref().is_some_and(|what_if| what_if.wecom_down);
        match down {
            true => self.store().with_sessions(people, self.now()).await,
            false => Ok(people),
        }
    }

    async fn compared(&self, question: &Question) -> Result<Compared> {
        let stands = self.store().surroundings(self.now(), question.portal).await?;
        let Some(what_if) = &question.what_if else {
            return Ok(Compared { stands, imagined: None });
        };
        self.store().check_what_if(what_if).await?;
        let imagined = stands.imagine(what_if);
        Ok(Compared {
            stands,
            imagined: Some((imagined, what_if.wecom_down)),
        })
    }
}

/// Counts people.
#[derive(Default)]
struct Tally {
    counts: Counts,
    ways: BTreeMap<(WayKind, Option<Uuid>), WayCounts>,
    newly: (u64, u64),
}

impl Tally {
    fn add(&mut self, line: PersonLine) {
        self.counts.people += 1;
        match line.number.filter(|_| !line.admitted) {
            Some(number) => {
                self.counts.refused += 1;
                *self.counts.by_number.entry(number).or_default() += 1;
            }
            None => self.counts.admitted += 1,
        }
        match line.change {
            Some(Change::Admitted) => self.newly.0 += 1,
            Some(Change::Refused) => self.newly.1 += 1,
            None => {}
        }
        for way in line.ways {
            let counts = self
                .ways
                .entry((way.way, way.auth_source_id))
                .or_insert_with(|| WayCounts {
                    way: way.way,
                    auth_source_id: way.auth_source_id,
                    auth_source: way.auth_source,
                    admitted: 0,
                    refused: 0,
                    by_number: BTreeMap::new(),
                });
            match way.number {
                Some(number) => {
                    counts.refused += 1;
                    *counts.by_number.entry(number).or_default() += 1;
                }
                None => counts.admitted += 1,
            }
        }
    }

    fn counts(self, compared: bool, complete: bool) -> Counts {
        let (admitted, refused) = self.newly;
        Counts {
            complete,
            ways: self.ways.into_values().collect(),
            newly_admitted: compared.then_some(admitted),
            newly_refused: compared.then_some(refused),
            ..self.counts
        }
    }
}
