//! Refusals of decisions about importing (`DI-226` and on).

use crate::catalogue;

catalogue! {
    /// Refusals of decisions about the import of members.
    pub enum ImportFailure {
        /// Somebody decided before, or the member became a user meanwhile.
        HasUser = "DI-226", 409, "This member is a user already.",
            "该成员已是用户。", "Read the member: somebody else decided, or a sync imported them meanwhile. To change who they are, remove the user or take the member out first.";
        /// A console admin is never a member's.
        ConsoleAdmin = "DI-227", 409, "That user has a console role, and no import ever touches such a user.",
            "该用户拥有控制台角色，任何导入都不会触及此类用户。", "Choose another user, or rename the member. An admin can take the console role from the user first.";
        /// Of another corp, be its data source there or not.
        OtherCorp = "DI-228", 409, "That user belongs to another corp.",
            "该用户属于另一个企业。", "A user of one corp never becomes that of another. Choose another user, or rename the member.";
        /// Somebody else is that user.
        UserLinked = "DI-229", 409, "That user is another member's already.",
            "该用户已关联另一名成员。", "One member, one user: choose another user, or rename the member.";
        /// Only members who are there can be decided about.
        Departed = "DI-230", 409, "This member has left, or is no longer visible.",
            "该成员已离开或不再可见。", "Nothing can be decided about somebody who is not there. Run a sync; whoever returns can be decided about then.";
        /// Nothing to ignore, or to open again.
        NoConflict = "DI-231", 409, "There is no such conflict to decide.",
            "没有可裁决的冲突。", "List the conflicts: only an open one can be ignored, and only an ignored one opened again.";
        /// The rules lead to a conflict.
        NotImportable = "DI-232", 409, "This member cannot be imported like this.",
            "无法按此方式导入该成员。", "The detail says why. Link the member to the existing user, or import them under another username.";
        /// There is no choice to be taken out of.
        EverybodyImported = "DI-233", 409, "This data source imports everybody.",
            "该数据源导入全部成员。", "Set the data source's import to chosen first, or disable the user.";
        /// Not in the choice.
        NotChosen = "DI-234", 409, "This member is not among the chosen ones.",
            "该成员不在所选范围内。", "List the members with the outcome not_chosen.";
        /// First it must be clear who it is.
        InDoubt = "DI-235", 409, "It is in doubt who this member is.",
            "该成员的身份存疑。", "Decide the open finding about the member's identity first.";
    }
}
