//! Which names are one person's, and which never.

use proptest::prelude::*;

use super::{NameMatch, compare};

fn assert_each(examples: &[(&str, &str, NameMatch)]) {
    for (one, other, is) in examples {
        assert_eq!(compare(Some(one), Some(other)), *is, "{one} {other}");
        assert_eq!(compare(Some(other), Some(one)), *is, "{other} {one}");
    }
}

#[test]
fn what_is_added_to_a_name_does_not_make_it_another() {
    use NameMatch::{Alike, Equal};
    assert_each(&[
        ("张伟", "张伟", Equal),
        ("Li Hua", " li hua ", Equal),
        ("Ｌｉ　Ｈｕａ", "li hua", Equal),
        ("张伟(David)", "张伟（ＤＡＶＩＤ）", Equal),
        ("José", "Jose\u{301}", Equal),
        // After the name.
        ("张伟", "张伟(外包)", Alike),
        ("张伟", "张伟（大卫）", Alike),
        ("张伟", "张伟(外包", Alike),
        ("张伟", "张伟-IT", Alike),
        ("张伟", "张伟－研发－组长", Alike),
        ("张伟-研发", "张伟-研发(外包)", Alike),
        ("张伟", "张伟2", Alike),
        ("张伟", "张伟(2)", Alike),
        ("张伟", "张伟 外包", Alike),
        ("张伟", "张伟　外包", Alike),
        ("张伟", "张伟 David", Alike),
        ("Li Hua", "Li Hua-IT", Alike),
        ("Li Hua", "Li Hua (IT)", Alike),
        // Before it.
        ("张伟", "【休假】张伟", Alike),
        ("张伟", "研发-张伟", Alike),
        ("张伟", "研发部/张伟", Alike),
        ("张伟", "研发部：张伟", Alike),
        ("张伟", "研发 张伟", Alike),
        ("张伟", "David(张伟)", Alike),
        ("Zhang Wei", "IT_Zhang Wei", Alike),
        // Only moved about.
        ("张伟", "张 伟", Alike),
        ("张伟", "张　伟", Alike),
        ("田中 太郎", "田中太郎", Alike),
        ("Li Hua", "LiHua", Alike),
        ("研发-张伟", "张伟（研发）", Alike),
        ("张伟(David)", "David(张伟)", Alike),
    ]);
    for absent in [None, Some(""), Some("  "), Some("\u{3000}")] {
        assert_eq!(compare(Some("张伟"), absent), NameMatch::Withheld);
    }
}

#[test]
fn where_nothing_sets_off_what_was_added_it_may_be_another_name() {
    use NameMatch::Extended;
    assert_each(&[
        ("张伟", "张伟A", Extended),
        ("张伟", "张伟外包", Extended),
        ("张 伟", "张伟外包", Extended),
        ("张伟", "研发张伟", Extended),
        ("张伟", "张伟强", Extended),
        ("张伟1", "张伟1外包", Extended),
        ("研发-张伟", "研发-张伟A", Extended),
        ("Li Hua", "Li Hua Jr", Extended),
        ("Li Hua", "LI  HUA II", Extended),
        ("Li Hua", "Dr Li Hua", Extended),
        ("Li", "Li Wei", Extended),
        ("lihua", "lihua外包", Extended),
        ("Иван", "Иван Петров", Extended),
    ]);
}

#[test]
fn where_each_has_something_of_its_own_besides_it_may_be_anybody() {
    use NameMatch::Overlapping;
    assert_each(&[
        ("研发-张伟", "研发-李娜", Overlapping),
        ("研发部/张伟", "研发部/李娜", Overlapping),
        ("研发 张伟", "研发 李娜", Overlapping),
        ("IT_Zhang Wei", "IT_Li Na", Overlapping),
        ("David(张伟)", "David(李娜)", Overlapping),
        ("田中 太郎", "田中 花子", Overlapping),
        ("Jean-Luc Picard", "Jean-Paul Sartre", Overlapping),
        // The same to look at: one person in another department.
        ("张伟-财务", "张伟-技术", Overlapping),
        ("财务-张伟", "技术-张伟", Overlapping),
        ("张伟（外包）", "张伟（正式）", Overlapping),
        ("张伟(David)", "张伟（大卫）", Overlapping),
        ("张伟2", "张伟-IT", Overlapping),
        ("张伟1-IT", "张伟2-IT", Overlapping),
        ("研发1-张伟", "研发2-张伟", Overlapping),
    ]);
}

#[test]
fn another_name_is_another_whatever_the_two_share() {
    use NameMatch::Different;
    assert_each(&[
        ("张伟1", "张伟2", Different),
        ("张伟-1", "张伟(2)", Different),
        ("张伟 1", "张伟 2", Different),
        ("张伟", "张维", Different),
        ("研发张伟", "研发李娜", Different),
        ("欧阳 修", "欧阳 锋", Different),
        ("张 伟", "张 娜", Different),
        ("Li Hua", "Li Wei", Different),
        ("Li", "Liu", Different),
        ("Li Hua", "Li Huan", Different),
        ("Hua", "Lihua", Different),
        ("L", "L Wei", Different),
        ("伟", "张伟", Different),
        ("张伟1", "张伟12", Different),
        ("Li Hua II", "Li Hua III", Different),
        ("张伟A", "张伟B", Different),
        ("José García", "José Martínez", Different),
        ("Nguyễn Văn An", "Nguyễn Thị Bình", Different),
        ("Иван Петров", "Иван Сидоров", Different),
        // A remark is no name.
        ("张伟（外包）", "李娜（外包）", Different),
        ("张伟(David)", "李娜(David)", Different),
        ("(外包)", "(正式)", Different),
        ("(外包)", "张伟(外包)", Different),
        ("2", "3", Different),
        ("--", "张伟", Different),
    ]);
}

const PEOPLE: [&str; 10] = [
    "张伟",
    "李娜",
    "王 芳",
    "欧阳 修",
    "David",
    "Zhang Wei",
    "José García",
    "田中太郎",
    "Иван Петров",
    "阿凡提·买买提",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a company writes before and after its people's names: two of them are never one.
    #[test]
    fn two_people_are_never_alike_for_what_a_company_writes_around_their_names(
        (one, other) in (0..PEOPLE.len(), 0..PEOPLE.len()).prop_filter("two people", |(one, other)| one != other),
        before in prop::sample::select(&["", "研发", "研发部", "IT", "IT 2", "欧阳", "José", "(外包)", "【休假】", "1"][..]),
        signs in (prop::sample::select(&["", "-", " ", "_", "/", "|", "　", "－", "："][..]), prop::sample::select(&["-", " ", "_", "/", "("][..])),
        after in prop::sample::select(&["", "IT", "外包", "2", "组长)", "Kevin2"][..]),
    ) {
        let written = |name: &str| format!("{before}{}{name}{}{after}", signs.0, signs.1);
        let (one, other) = (written(PEOPLE[one]), written(PEOPLE[other]));
        let told = compare(Some(&one), Some(&other));
        prop_assert!([NameMatch::Different, NameMatch::Overlapping].contains(&told), "{one} {other} {told:?}");
    }

    #[test]
    fn a_name_and_itself_with_one_thing_added_are_alike(
        name in prop::sample::select(&PEOPLE[..]),
        added in prop::sample::select(&["研发", "IT", "大卫", "外包 一组"][..]),
        in_front in any::<bool>(),
        sign in prop::sample::select(&["-", "_", "/", "|", "－", "("][..]),
    ) {
        let longer = match (in_front, sign) {
            (true, "(") => format!("（{added}）{name}"),
            (false, "(") => format!("{name}({added})"),
            (true, _) => format!("{added}{sign}{name}"),
            (false, _) => format!("{name}{sign}{added}"),
        };
        prop_assert_eq!(compare(Some(name), Some(&longer)), NameMatch::Alike);
        prop_assert_eq!(compare(Some(&longer), Some(name)), NameMatch::Alike);
    }

    #[test]
    fn any_two_texts_are_compared_the_same_both_ways(one in any::<String>(), other in any::<String>()) {
        prop_assert_eq!(compare(Some(&one), Some(&other)), compare(Some(&other), Some(&one)));
    }
}
