//! The table of evidence: who stands behind a userid. The one place where that is decided; whoever meets a userid weighs by it (a sync, an
//! event, a sign-in). `docs/identity.md` and `docs/identity.zh-CN.md` hold the same rows, which a test compares. Pure.

use super::{
    evidence::{Contact, Evidence, Link, Places, Traits},
    name::NameMatch,
};

/// Who stands behind a userid, as far as the evidence goes. Ordered: the later, the surer that it is the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Another person: nothing of the account may reach them.
    SomebodyElse,
    /// An admin decides.
    Doubtful,
    /// The same person: nothing is lost.
    SamePerson,
}

/// One row: where all four hold, the verdict. Of several rows the first counts.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What connects the two.
    pub links: &'static [Link],
    /// What the names say; empty: anything.
    pub names: &'static [NameMatch],
    /// What number and address say; empty: anything.
    pub contacts: &'static [Contact],
    /// What the departments say; empty: anything.
    pub places: &'static [Places],
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub why: &'static str,
    /// Why, in Chinese.
    pub why_zh: &'static str,
}

use Contact::{AddressAgrees, AddressOnly, Differ, NumberAgrees, NumberOnly, PartlyDiffer};
use Link::{Gap, OtherOpenUserid, OtherUserid, Renamed, SameOpenUserid, Unbroken};
use NameMatch::{Alike, Different, Equal, Extended, Overlapping, Withheld};
use Places::Shared;
use Verdict::{Doubtful, SamePerson, SomebodyElse};

/// Number or address agrees, or neither can be compared.
const NOTHING_AGAINST: &[Contact] = &[NumberAgrees, NumberOnly, AddressAgrees, AddressOnly, Contact::Unknown];
/// Number or address agrees.
const ONE_AGREES: &[Contact] = &[NumberAgrees, NumberOnly, AddressAgrees, AddressOnly];
/// At least one agrees, and what differs does not weigh more.
const AGREEING: &[Contact] = &[NumberAgrees, NumberOnly, AddressAgrees];

macro_rules! row {
    ($links:expr, $names:expr, $contacts:expr, $places:expr => $verdict:expr, $why:literal, $why_zh:literal) => {
        Row {
            links: $links,
            names: $names,
            contacts: $contacts,
            places: $places,
            verdict: $verdict,
            why: $why,
            why_zh: $why_zh,
        }
    };
}

/// All rows. Every combination meets one.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row!(&[Unbroken], &[Equal, Withheld], NOTHING_AGAINST, &[] => SamePerson,
        "nothing speaks against it; people change number, address and department",
        "没有相反的证据；人会换手机号、邮箱和部门"),
    row!(&[Unbroken], &[Alike, Extended], ONE_AGREES, &[] => SamePerson,
        "the name grew a suffix while number or address agrees",
        "姓名加了后缀，手机号或邮箱相同"),
    row!(&[Unbroken], &[Alike], &[Contact::Unknown], &[Shared, Places::Unknown] => SamePerson,
        "the name grew a suffix, and nothing else speaks against it",
        "姓名加了后缀，没有其他相反的证据"),
    row!(&[Unbroken], &[Alike], &[Contact::Unknown], &[] => Doubtful,
        "a suffix and another department, and number and address are withheld: perhaps a namesake",
        "姓名加了后缀、部门也不同，手机号和邮箱未提供：可能是同名的人"),
    row!(&[Unbroken], &[Equal], &[PartlyDiffer], &[Shared, Places::Unknown] => SamePerson,
        "a new number or address under the same name",
        "姓名相同，只是换了手机号或邮箱"),
    row!(&[Unbroken], &[Equal], &[], &[] => Doubtful,
        "the name agrees and all else differs: perhaps a namesake",
        "姓名相同，其余都不同：可能是同名的人"),
    row!(&[Unbroken], &[Alike], &[PartlyDiffer], &[Shared] => SamePerson,
        "the name grew a suffix in the same department",
        "同一部门内姓名加了后缀"),
    row!(&[Unbroken], &[Alike], &[PartlyDiffer], &[] => Doubtful,
        "a suffix may tell two namesakes apart",
        "后缀可能用来区分两个同名的人"),
    row!(&[Unbroken], &[Alike], &[Differ], &[Shared] => Doubtful,
        "a suffix, and neither number nor address agrees",
        "姓名有后缀，手机号和邮箱都不同"),
    row!(&[Unbroken], &[Withheld], &[PartlyDiffer], &[] => Doubtful,
        "no name, and what can be compared differs",
        "没有姓名，能比较的都不同"),
    row!(&[Unbroken], &[Overlapping, Different], &[NumberAgrees, NumberOnly], &[] => SamePerson,
        "another name with the same number: marriage, or a correction",
        "手机号相同、姓名不同：结婚改名或更正"),
    row!(&[Unbroken], &[Overlapping, Different], &[AddressAgrees], &[Shared, Places::Unknown] => SamePerson,
        "another name with the same address: marriage, or a correction",
        "邮箱相同、姓名不同：结婚改名或更正"),
    row!(&[Unbroken], &[Overlapping, Different], &[AddressAgrees, AddressOnly], &[] => Doubtful,
        "a company's address often goes with the userid",
        "企业邮箱常常随 userid 一起转给别人"),
    row!(&[Unbroken], &[Extended, Overlapping], &[Contact::Unknown], &[] => Doubtful,
        "the name agrees in part: another suffix, or another person with the same prefix",
        "姓名只有一部分相同：可能是后缀变了，也可能是前缀相同的另一个人"),
    row!(&[Unbroken], &[Extended, Overlapping], &[PartlyDiffer], &[Shared, Places::Unknown] => Doubtful,
        "the name agrees in part, and number or address is another",
        "姓名只有一部分相同，手机号或邮箱不同"),
    row!(&[Unbroken], &[Different], &[Contact::Unknown], &[Shared, Places::Unknown] => Doubtful,
        "another name, and number and address are withheld: people change names, and posts change people",
        "姓名不同，手机号和邮箱未提供：人会改名，岗位也会换人"),
    row!(&[Unbroken], &[], &[], &[] => SomebodyElse,
        "nothing that can be compared agrees",
        "能比较的没有一项相同"),
    row!(&[Renamed], &[Equal, Alike, Extended, Withheld], &[Differ], &[] => Doubtful,
        "WeCom says it is a rename, and number and address are others",
        "企业微信说是改 userid，但手机号和邮箱都不同"),
    row!(&[Renamed], &[Equal, Alike, Extended, Withheld], &[], &[] => SamePerson,
        "WeCom says it is a rename",
        "企业微信说是改 userid"),
    row!(&[Renamed], &[Overlapping, Different], AGREEING, &[] => SamePerson,
        "WeCom says it is a rename, and number or address agrees",
        "企业微信说是改 userid，且手机号或邮箱相同"),
    row!(&[Renamed], &[Different], &[Differ], &[] => SomebodyElse,
        "WeCom says it is a rename, but nothing agrees: the new userid was given on since",
        "企业微信说是改 userid，但没有一项相同：新 userid 之后又给了别人"),
    row!(&[Renamed], &[], &[], &[] => Doubtful,
        "WeCom says it is a rename, and the name is another",
        "企业微信说是改 userid，但姓名不同"),
    row!(&[Gap], &[Equal, Alike, Extended, Withheld], AGREEING, &[] => SamePerson,
        "number or address agrees, and the name does not differ",
        "手机号或邮箱相同，姓名没有不同"),
    row!(&[Gap], &[Equal], &[AddressOnly, Contact::Unknown], &[Shared, Places::Unknown] => SamePerson,
        "the name agrees and the department does not differ",
        "姓名相同，部门没有不同"),
    row!(&[Gap], &[Equal], &[PartlyDiffer], &[Shared] => SamePerson,
        "back under the same name in the same department, with another number or address",
        "以相同姓名回到同一部门，只是换了手机号或邮箱"),
    row!(&[Gap], &[Equal, Alike, Withheld], &[Differ], &[] => SomebodyElse,
        "number and address are both others: a namesake who was given the userid",
        "手机号和邮箱都不同：同名的人得到了这个 userid"),
    row!(&[Gap], &[Alike], &[AddressOnly], &[Shared, Places::Unknown] => SamePerson,
        "the name grew a suffix and the address agrees",
        "姓名加了后缀，邮箱相同"),
    row!(&[Gap], &[Equal, Alike, Withheld], &[], &[] => Doubtful,
        "too little can be compared for a userid that was nobody's in between",
        "userid 曾经无人使用，可比较的信息太少"),
    row!(&[Gap], &[Extended, Overlapping], NOTHING_AGAINST, &[] => Doubtful,
        "the name agrees in part after a gap: number and mailbox may go with a post, and a prefix with a department",
        "中断之后姓名只有一部分相同：手机号和邮箱可能随岗位转移，前缀可能随部门相同"),
    row!(&[Gap], &[Extended, Overlapping, Different], &[], &[] => SomebodyElse,
        "another name after a gap: number and mailbox may go with a post, a name does not",
        "中断之后姓名不同：手机号和邮箱可能随岗位转移，姓名不会"),
    row!(&[OtherUserid], &[Equal], &[NumberAgrees, NumberOnly, AddressAgrees, AddressOnly], &[] => SamePerson,
        "the same name with the same number or address under another userid: renamed unseen",
        "姓名相同且手机号或邮箱相同，userid 不同：未察觉的改 userid"),
    row!(&[OtherUserid], &[Alike, Extended], AGREEING, &[] => SamePerson,
        "the name but for a suffix with the same number or address under another userid: renamed unseen",
        "姓名只差后缀且手机号或邮箱相同，userid 不同：未察觉的改 userid"),
    row!(&[OtherUserid], &[Withheld], &[NumberAgrees, AddressAgrees], &[] => SamePerson,
        "the same number or address under another userid: renamed unseen",
        "手机号或邮箱相同，userid 不同：未察觉的改 userid"),
    row!(&[OtherUserid], &[], &[], &[] => SomebodyElse,
        "another userid, and not enough that agrees",
        "userid 不同，相同的信息不够"),
    row!(&[SameOpenUserid], &[], &[], &[] => SamePerson,
        "the service provider's id of them is the same, whatever else changed",
        "服务商的 open_userid 相同，无论其他信息如何变化"),
    row!(&[OtherOpenUserid], &[], &[], &[] => SomebodyElse,
        "the service provider's ids of them differ: the userid was given on",
        "服务商的 open_userid 不同：userid 已转给别人"),
];

impl Row {
    /// Whether this evidence meets the row.
    pub fn holds(&self, evidence: Evidence) -> bool {
        fn among<T: PartialEq>(list: &[T], value: &T) -> bool {
            list.is_empty() || list.contains(value)
        }
        self.links.contains(&evidence.link)
            && among(self.names, &evidence.name)
            && among(self.contacts, &evidence.contact)
            && among(self.places, &evidence.places)
    }
}

/// What the table says of some evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The verdict.
    pub verdict: Verdict,
    /// Over which link it was weighed.
    pub link: Link,
    /// Why.
    pub why: &'static str,
}

/// Weighs by the table.
pub fn weigh(evidence: Evidence) -> Weighed {
    let row = TABLE.iter().find(|row| row.holds(evidence));
    // Every combination meets a row, as a test sees to.
    let (verdict, why) = row.map_or((Doubtful, "no row of the table holds"), |row| (row.verdict, row.why));
    Weighed {
        verdict,
        link: evidence.link,
        why,
    }
}

/// The reason of a row in Chinese; `None`: no row has it any more.
pub fn why_zh(why: &str) -> Option<&'static str> {
    let row = TABLE.iter().find(|row| row.why == why);
    row.map(|row| row.why_zh)
}

/// The verdict on two people who are connected like this.
pub fn judge(link: Link, held: &Traits, seen: &Traits) -> Verdict {
    weigh(Evidence::compare(link, held, seen)).verdict
}

/// The verdict on a member we hold as present and the person WeCom shows under that userid; see [`of_present`].
pub fn weigh_present(missed: bool, held: &Traits, seen: &Traits) -> Weighed {
    weigh(of_present(missed, held, seen))
}

/// The evidence on a member we hold as present and the person WeCom shows under that userid. `missed`: WeCom did not show the member
/// meanwhile; that alone, where nothing can be compared, is no reason to doubt somebody who never departed.
pub fn of_present(missed: bool, held: &Traits, seen: &Traits) -> Evidence {
    let evidence = Evidence::compare(if missed { Gap } else { Unbroken }, held, seen);
    let silent = evidence.is_silent();
    Evidence {
        link: if silent { Unbroken } else { evidence.link },
        ..evidence
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
