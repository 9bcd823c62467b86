//! Query strings of a list and of its export, declared once: the same filters, and of the list its page besides. What is exported is so exactly what
//! is filtered.

/// Declares both, each with `split`: which page is wanted, in the words that were sent, and the filters. Behind the names stands what the list says of
/// its parameter `sort`, where it has one.
macro_rules! listed {
    ($list:ident, $all:ident, #[$sort:meta] $fields:tt) => {
        listed!(@of $list, $all, [3; cursor, limit, sort], {
            cursor: Option<String>,
            limit: Option<String>,
            #[$sort]
            sort: Option<String>,
        } $fields);
    };
    ($list:ident, $all:ident, $fields:tt) => {
        listed!(@of $list, $all, [2; cursor, limit], {
            cursor: Option<String>,
            limit: Option<String>,
        } $fields);
    };
    (@of $list:ident, $all:ident, [$many:literal; $($page:ident),*], { $($own:tt)* }
        { $($(#[$meta:meta])* $field:ident: $kind:ty,)* }) => {
        #[derive(Default, Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        struct $list {
            $($own)*
            $($(#[$meta])* $field: $kind,)*
        }

        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        struct $all {
            $($(#[$meta])* $field: $kind,)*
        }

        impl $list {
            /// Which page is wanted, and of what.
            fn split(self) -> ([Option<String>; $many], $all) {
                ([$(self.$page),*], $all { $($field: self.$field),* })
            }
        }
    };
}

pub(super) use listed;
