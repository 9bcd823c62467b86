//! Use cases of WeCom apps: list, read, and who lies outside the integration app's scope (product S2.4).

use std::collections::HashSet;

use uuid::Uuid;

use super::view::{LineView, OutsideMember, OutsideView, WeComAppView};
use crate::{
    directory::{
        failure::DirectoryFailure,
        listing::{SourceFilter, place_of_app},
        service::Directory,
        sync::{
            plan::visible_scope::Cover,
            scope_tally::{Comparison, CorpScopes, lines_outside},
            snapshot::ScopeLine,
            store::scope_tally as store,
        },
    },
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
        sorting::{SortedListing, SortedPage},
    },
};

impl Directory {
    /// Lists the wanted apps.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wecom_apps(&self, filter: &SourceFilter, page: &SortedPage) -> Result<SortedListing<WeComAppView>> {
        let setup = self.setup().await?;
        let wanted = setup.apps.iter().filter(|app| {
            let through = setup.sources.iter().filter(|source| source.app_id == Some(app.id));
            let signing_in = setup
                .auth_sources
                .iter()
                .filter(|auth_source| auth_source.app_id == app.id);
            let bound_to = signing_in.filter_map(|auth_source| setup.source_of(auth_source));
            let used_by: Vec<Uuid> = through.chain(bound_to).map(|source| source.id).collect();
            filter.takes_app(app, &used_by)
        });
        let listing = page.of_all(wanted.collect(), |app: &&_, by| place_of_app(app, by));
        Ok(listing.map(|app| WeComAppView::new(&setup, app)))
    }

    /// Returns one app.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn wecom_app(&self, id: Uuid) -> Result<WeComAppView> {
        let setup = self.setup().await?;
        let app = setup.app(id).ok_or(DirectoryFailure::NotFound)?;
        Ok(WeComAppView::new(&setup, app))
    }

    /// Lists the members inside an app's scope and outside the integration app's, in the order of their ids.
    ///
    /// # Errors
    /// `DI-102` when there is no such app.
    pub async fn outside_integration_scope(&self, id: Uuid, page: Page) -> Result<OutsideView> {
        let database = &self.deps.database;
        let setup = self.setup().await?;
        let app = setup.app(id).ok_or(DirectoryFailure::NotFound)?;
        let source = setup.sources.iter().find(|source| source.has(app));
        let corp = match source {
            Some(source) => store::load(database, source.id).await?,
            None => None,
        };
        let (Some(source), Some(corp)) = (source, corp) else {
            return Ok(OutsideView {
                items: Vec::new(),
                next_cursor: None,
                lines: Vec::new(),
                complete: false,
            });
        };
        let comparison = Comparison::of(&corp, id);
        let listing = match &comparison {
            Some(comparison) => self.members_outside(source.id, &corp, comparison, page).await?,
            None => Listing::cut(Vec::new(), page, |member: &OutsideMember| member.id),
        };
        let picked = corp.read(id).map(|row| row.scope.iter()).into_iter().flatten();
        let picked = picked.filter_map(|line| match line {
            ScopeLine::User(key) => Some(key.clone()),
            ScopeLine::Department(_) | ScopeLine::Tag(_) => None,
        });
        let unknown = store::unknown(database, source.id, picked.collect()).await?;
        Ok(OutsideView {
            items: listing.items,
            next_cursor: listing.next_cursor,
            lines: lines(&corp, id, &unknown),
            complete: comparison.is_some() && corp.whole_corp,
        })
    }

    /// One page of them. Members are read until it is full: most of a corp may lie inside.
    async fn members_outside(
        &self,
        data_source: Uuid,
        corp: &CorpScopes,
        comparison: &Comparison,
        page: Page,
    ) -> Result<Listing<OutsideMember>> {
        let database = &self.deps.database;
        let wanted = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut last = page.after.unwrap_or(Uuid::nil());
        while found.len() < wanted {
            let members = store::members(database, data_source, last).await?;
            let Some(end) = members.last() else { break };
            last = end.id;
            found.extend(members.into_iter().filter_map(|member| {
                let cover = comparison.outside(&member.key, &member.departments)?;
                Some((member, cover))
            }));
        }
        found.truncate(wanted);
        let ids = found.iter().map(|(member, _)| member.id).collect();
        let mut names = store::describe(database, ids).await?;
        let shown = found.into_iter().filter_map(|(member, cover)| {
            let described = names.remove(&member.id)?;
            Some(OutsideMember {
                id: member.id,
                userid: described.userid,
                name: described.name,
                user_id: described.user_id,
                because: LineView::of(cover, &member.key, |cover| name_of(corp, cover)),
                departments: member.departments,
            })
        });
        Ok(Listing::cut(shown.collect(), page, |member| member.id))
    }
}

fn lines(corp: &CorpScopes, app: Uuid, unknown: &HashSet<String>) -> Vec<LineView> {
    let shown = lines_outside(corp, app, unknown).into_iter().map(|line| {
        let (cover, key) = match line {
            ScopeLine::User(key) => (Cover::Singly, key),
            ScopeLine::Department(id) => (Cover::Department(id), String::new()),
            ScopeLine::Tag(id) => (Cover::Tag(id), String::new()),
        };
        LineView::of(cover, &key, |cover| name_of(corp, cover))
    });
    shown.collect()
}

fn name_of(corp: &CorpScopes, cover: Cover) -> Option<String> {
    let name = match cover {
        Cover::Singly => None,
        Cover::Department(id) => corp
            .departments
            .iter()
            .find(|row| row.wecom_id == id)
            .map(|row| &row.name),
        Cover::Tag(id) => corp.tags.iter().find(|row| row.wecom_id == id).map(|row| &row.name),
    };
    name.filter(|name| !name.is_empty()).cloned()
}
