//! Member lists of the pages: grouped, searched, never more than fifty rows.

use crate::world::{Corp, Member};

/// Rows on a page.
const ROWS: usize = 50;

pub(super) struct Row {
    pub userid: String,
    pub name: String,
    pub position: String,
    pub note: String,
    pub status: &'static str,
}

pub(super) struct Group {
    pub name: String,
    pub rows: Vec<Row>,
}

/// Members whose userid or name holds the words, members with a note first; with the number of rows.
pub(super) fn groups(corp: &Corp, query: &str) -> (Vec<Group>, usize) {
    let words = query.trim().to_lowercase();
    let found = |noted: bool| {
        corp.members
            .iter()
            .filter(move |(_, member)| member.note.is_empty() != noted)
            .filter(|(key, member)| key.contains(&words) || member.name.contains(&words))
            .map(|(_, member)| member)
    };
    let members: Vec<&Member> = found(true).chain(found(false)).take(ROWS).collect();
    let shown = members.len();
    let mut groups: Vec<(u32, Group)> = Vec::new();
    for member in members {
        let id = member.main_department.unwrap_or_default();
        let row = Row {
            userid: member.userid.clone(),
            name: member.name.clone(),
            position: member.position.clone(),
            note: member.note.clone(),
            status: status(member.status),
        };
        if let Some((_, group)) = groups.iter_mut().find(|(known, _)| *known == id) {
            group.rows.push(row);
        } else {
            let name = corp
                .departments
                .get(&id)
                .map_or_else(|| "未分配".to_owned(), |d| d.name.clone());
            groups.push((id, Group { name, rows: vec![row] }));
        }
    }
    (groups.into_iter().map(|(_, group)| group).collect(), shown)
}

fn status(code: u8) -> &'static str {
    match code {
        1 => "已激活 active",
        2 => "已停用 disabled",
        4 => "未激活 not activated",
        5 => "已退出 left",
        _ => "?",
    }
}
