//! WeCom as a population was read from it.

use entity::member;
use simulator::world::{App, Corp, Department, Member, Scope, Tag, World};

use super::population::Population;

impl Population {
    /// WeCom as this population was read from it: everybody who is present, with the departments, tags and scopes of the mirror. An app whose
    /// scope cannot be told from the mirror shows everybody. `secret` is that of every app.
    pub fn world(&self, secret: &str) -> World {
        let mut world = World::default();
        for corp in 0..2 {
            let made = self.corp_in_wecom(corp, secret);
            world.corps.insert(made.corpid.clone(), made);
        }
        world
    }

    fn corp_in_wecom(&self, number: usize, secret: &str) -> Corp {
        let mut corp = Corp {
            corpid: format!("ww{number}"),
            ..Corp::default()
        };
        for id in 1..=120_u32 {
            corp.add_department(Department {
                id,
                name: format!("部门{id}"),
                parent: if id == 1 { 0 } else { (id / 3).max(1) },
                ..Department::default()
            });
        }
        let here = |(row, of): &&(member::Model, usize)| {
            *of == number && row.state == "present" && !row.userid_key.contains('#')
        };
        for (row, _) in self.members.iter().filter(here) {
            let places: Vec<u32> = row.departments.0.iter().map(|id| u32::try_from(*id).unwrap()).collect();
            let mut made = Member::new(&row.userid, row.name.as_deref().unwrap(), &places);
            made.status = u8::try_from(row.status.unwrap_or(1)).unwrap();
            corp.add_member(made);
        }
        for id in 1..=4_u32 {
            let own = self.tags[number * 4 + usize::try_from(id).unwrap() - 1];
            let users = self.tagged.iter().filter(|row| row.tag_id == own);
            let users = users.filter_map(|row| Some(corp.member(&row.userid_key)?.userid.clone()));
            let tag = Tag {
                id,
                name: format!("标签{id}"),
                users: users.collect(),
                parties: vec![40 + id],
            };
            corp.tags.insert(id, tag);
        }
        let everybody = || corp.members.values().map(|member| member.userid.clone()).collect();
        let integration = Scope {
            users: vec!["user00007".to_owned()],
            parties: vec![2],
            tags: vec![1],
        };
        let other = match number {
            0 => Scope {
                parties: vec![3],
                ..Scope::default()
            },
            // The mirror does not know the department of its scope.
            _ => Scope {
                users: everybody(),
                ..Scope::default()
            },
        };
        for (agentid, scope) in [(1, integration), (2, other)] {
            corp.add_app(App {
                agentid,
                secret: format!("{secret}-{agentid}"),
                scope,
                ..App::default()
            });
        }
        corp
    }
}
