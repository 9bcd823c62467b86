//! The counters of [`super::versions`] where several processes write to one database (PostgreSQL): rows of a table that every change raises in
//! its own transaction.
//!
//! Requests that wait at the same moment share one read of them, which is sent after the last of them came. The row of a counter is the last
//! that a transaction writes, so nobody waits for it longer than for a commit; the counter for everybody has several rows, so that not even
//! that long. A counter is raised to the present moment and not by one: a database that lost its last commits in a failover must not arrive at
//! a number again that somebody remembers.

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sea_orm::{DbBackend, DbErr, Statement, Value, Values};

use super::{
    connection::Connection,
    versions::{About, Counts, PEOPLE, Raised},
};
use crate::kernel::shared_call::SharedCall;

/// Rows of the counter for everybody: 0 to 15. Those of people follow.
const EVERYBODY: usize = 16;

/// Reads under way at once where the database is far away: who comes second does not wait for the first ([`Pace`](crate::kernel::pace::Pace)).
const READS: usize = 4;

/// Longest wait for one read of them.
const LONGEST_READ: Duration = Duration::from_secs(5);

const READ: &str = "SELECT string_agg(changes::text, ',' ORDER BY slot) AS counters FROM change_counter";

const RAISE: &str = "UPDATE change_counter SET changes = greatest(changes + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) \
                     WHERE slot = ";

/// Reads the counters. Cheap to clone; clones share their reads.
#[derive(Clone)]
pub(super) struct StoredVersions {
    connection: Connection,
    reads: Arc<SharedCall<Result<Arc<Counts>, Arc<str>>>>,
}

impl std::fmt::Debug for StoredVersions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredVersions")
    }
}

impl StoredVersions {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            reads: Arc::new(SharedCall::at_most(READS)),
        }
    }

    /// The counters as they are now, or were a moment ago but after this was asked.
    pub(super) async fn read(&self) -> Result<Arc<Counts>, DbErr> {
        let read = || async {
            // A connection whose other end vanished must not keep everybody else waiting.
            let read = tokio::time::timeout(LONGEST_READ, self.query()).await;
            let read = read.unwrap_or_else(|_| Err(DbErr::Custom("the versions did not come in time".to_owned())));
            read.map_err(|error| Arc::from(error.to_string()))
        };
        let (counts, _) = self.reads.ask(read).await;
        counts.map_err(|error: Arc<str>| DbErr::Custom(error.to_string()))
    }

    async fn query(&self) -> Result<Arc<Counts>, DbErr> {
        let statement = Statement::from_string(DbBackend::Postgres, READ);
        let row = Box::pin(self.connection.query_versions(statement)).await?;
        let row = row.ok_or_else(unreadable)?;
        let counters: String = row.try_get("", "counters")?;
        counts(&counters).ok_or_else(unreadable)
    }

    /// Whether these come from here.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reads, &other.reads)
    }
}

fn unreadable() -> DbErr {
    DbErr::Custom("the table change_counter is not as it was made".to_owned())
}

/// The counters from all rows in order.
fn counts(rows: &str) -> Option<Arc<Counts>> {
    let rows: Vec<u64> = rows.split(',').map(|row| row.parse().ok()).collect::<Option<_>>()?;
    let (everybody, people) = rows.split_at_checked(EVERYBODY)?;
    let mut counts: Counts = [0; 1 + PEOPLE];
    let [sum, own @ ..] = &mut counts;
    *sum = everybody.iter().sum();
    if own.len() != people.len() {
        return None;
    }
    own.copy_from_slice(people);
    Some(Arc::new(counts))
}

/// The row that a change raises: of several people that of the first.
fn slot(raised: &Raised) -> i32 {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let first = match raised {
        Raised::People(places) => places.first(),
        Raised::Everybody => None,
    };
    let slot = match first {
        Some(person) => EVERYBODY + person,
        None => NEXT.fetch_add(1, Ordering::Relaxed) % EVERYBODY,
    };
    i32::try_from(slot).unwrap_or(0)
}

/// Raises counters: the last statement of a transaction. Several are locked in one order by all, so that nobody waits for somebody who waits.
pub(super) fn raise(raised: &Raised) -> Statement {
    let places = match raised {
        Raised::People(places) if places.len() > 1 => places,
        _ => {
            let sql = format!("{RAISE}$1");
            return Statement::from_sql_and_values(DbBackend::Postgres, sql, [slot(raised).into()]);
        }
    };
    let slots: Vec<String> = places.iter().map(|place| (EVERYBODY + place).to_string()).collect();
    let locked = format!(
        "SELECT slot FROM change_counter WHERE slot IN ({}) ORDER BY slot FOR UPDATE",
        slots.join(", ")
    );
    let sql = format!("WITH locked AS MATERIALIZED ({locked}) {RAISE}ANY(ARRAY(SELECT slot FROM locked))");
    Statement::from_string(DbBackend::Postgres, sql)
}

/// The same statement, which raises a counter as well.
pub(super) fn raising(statement: Statement, about: About) -> Statement {
    let mut values = statement.values.map_or_else(Vec::new, |values| values.0);
    let sql = with_raise(&statement.sql, values.len() + 1);
    values.push(Value::from(slot(&about.into())));
    Statement {
        sql,
        values: Some(Values(values)),
        ..statement
    }
}

/// SQL of a statement of several, which raises a counter as well.
pub(super) fn raising_unprepared(sql: &str, about: About) -> String {
    format!(
        "{};\n{RAISE}{}",
        sql.trim_end().trim_end_matches(';'),
        slot(&about.into())
    )
}

/// Puts it before the statement: PostgreSQL carries out what no row is asked of at its end, after the statement's own changes (but before the
/// checks of foreign keys, which lock other rows).
fn with_raise(sql: &str, parameter: impl Display) -> String {
    let raise = format!("change_counted AS ({RAISE}${parameter} RETURNING slot)");
    let sql = sql.trim_start();
    let after = |word: &str| sql.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word));
    if let Some(head) = after("WITH RECURSIVE ").or_else(|| after("WITH ")) {
        return format!("{head}{raise}, {}", sql.get(head.len()..).unwrap_or_default());
    }
    format!("WITH {raise} {sql}")
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement, Value};
    use uuid::Uuid;

    use super::{EVERYBODY, counts, raise, raising, slot, with_raise};
    use crate::store::versions::{About, PEOPLE, Raised, version};

    #[test]
    fn several_counters_are_raised_by_one_statement_in_their_order() {
        let mut raised = Raised::Everybody;
        for number in [5, 2, 5] {
            raised.concern(Uuid::from_u128(number));
        }
        let sql = raise(&raised).sql;
        assert!(sql.contains("slot IN (18, 21) ORDER BY slot FOR UPDATE"), "{sql}");
        let one = raise(&About::Person(Uuid::from_u128(2)).into());
        assert_eq!(one.values.unwrap().0, [Value::from(18)]);
    }

    #[test]
    fn rows_become_counters_and_too_few_or_strange_ones_none() {
        let rows: Vec<String> = (0..EVERYBODY + PEOPLE).map(|row| row.to_string()).collect();
        let read = counts(&rows.join(",")).unwrap();
        let person = Uuid::from_u128(3);
        assert_eq!(version(&read, About::Everybody), 120);
        assert_eq!(version(&read, About::Person(person)), 120 + 16 + 3);
        assert_eq!(slot(&About::Person(person).into()), 19);
        assert!((0..20).all(|_| slot(&Raised::Everybody) < 16));
        for strange in ["", "1,2", "1,x", &format!("{},7", rows.join(","))] {
            assert!(counts(strange).is_none(), "{strange}");
        }
    }

    #[test]
    fn a_statement_raises_besides_what_it_does() {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            r#"UPDATE "users" SET "status" = $1 WHERE "id" = $2"#,
            ["x".into(), 7.into()],
        );
        let raised = raising(statement, About::Person(Uuid::from_u128(0)));
        assert!(
            raised
                .sql
                .starts_with("WITH change_counted AS (UPDATE change_counter SET")
        );
        assert!(
            raised.sql.contains("WHERE slot = $3 RETURNING slot) UPDATE \"users\""),
            "{}",
            raised.sql
        );
        assert_eq!(raised.values.unwrap().0.pop(), Some(Value::from(16)));
        let own = with_raise("with a AS (SELECT 1) UPDATE t SET x = 1", 1);
        assert!(
            own.starts_with("with change_counted AS (") && own.contains("), a AS (SELECT 1) UPDATE"),
            "{own}"
        );
        let recursive = with_raise("WITH RECURSIVE a AS (SELECT 1) DELETE FROM t", 1);
        assert!(
            recursive.starts_with("WITH RECURSIVE change_counted AS ("),
            "{recursive}"
        );
    }
}
