//! What Redis does when its memory is full.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    store::Ephemeral,
};

pub const CHECK: Check = Check {
    name: "redis_memory",
    about: "what Redis does when it is full",
    rests_on: &["ephemeral"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// The policy that evicts nothing.
const KEEPS: &str = "noeviction";

async fn look(around: &Surroundings) -> Result<Looked> {
    let Ok(Ephemeral::Redis(_)) = &around.ephemeral else {
        return Ok(Looked::well("there is no Redis"));
    };
    let said = match &around.ephemeral {
        Ok(store) => store.info().await,
        Err(failure) => Err(failure.clone()),
    };
    Ok(match said {
        Ok(said) => judged(&said.unwrap_or_default()),
        // Who runs Redis for others often forbids the question.
        Err(failure) => Looked::well(format!("Redis does not tell: {failure}")),
    })
}

/// Judges what `INFO` says.
fn judged(info: &str) -> Looked {
    let field = |name: &str| {
        let mut lines = info.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
    };
    let Some(policy) = field("maxmemory_policy") else {
        return Looked::well("Redis does not tell its policy");
    };
    let told = [
        ("used_memory_human", "in use"),
        ("maxmemory_human", "at most (0B: no bound)"),
        ("rdb_last_bgsave_status", "last snapshot"),
        ("aof_enabled", "append-only file"),
    ];
    let told = told
        .into_iter()
        .filter_map(|(name, words)| Some(format!(", {words}: {}", field(name)?)));
    let seen = format!("maxmemory-policy {policy}{}", told.collect::<String>());
    let evicts = (policy != KEEPS).then(|| {
        Finding::warning(
            DoctorFinding::RedisEvicts.entry(),
            format!("maxmemory-policy {policy}"),
            "Redis: maxmemory-policy",
        )
    });
    Looked::with(seen, evicts.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::judged;

    #[test]
    fn only_noeviction_keeps_everything() {
        let info = |policy: &str| {
            format!("# Memory\r\nused_memory_human:1.00M\r\nmaxmemory_human:0B\r\nmaxmemory_policy:{policy}\r\n")
        };
        let well = judged(&info("noeviction"));
        assert!(well.findings.is_empty());
        assert_eq!(
            well.seen,
            "maxmemory-policy noeviction, in use: 1.00M, at most (0B: no bound): 0B"
        );
        let evicting = judged(&info("allkeys-lru"));
        assert_eq!(evicting.findings.first().map(|found| found.number), Some("DR-121"));
        assert!(judged("").findings.is_empty());
    }
}
