//! Claims: the standard set, groups, mapping, pairwise subjects, the claims parameter.
