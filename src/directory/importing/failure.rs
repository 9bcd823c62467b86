//! Refusals of decisions about importing (`DI-226` and on).

use crate::catalogue;

catalogue! {
    /// Refusals of decisions about the import of members.
    pub enum ImportFailure {
        /// Somebody decided before, or the member became a user meanwhile.
        HasUser = "DI-226", 409, "This member is a user already.",
            "该成员已是用户。", "Read the member: somebody else decided, or a sync imported them meanwhile. To change who they are, remove the user or take the member out first.",
            "请读取该成员：可能已有他人作出决定，或同步已将其导入。如需更改其对应的用户，请先删除该用户或移出该成员。";
        /// A console admin is never a member's.
        ConsoleAdmin = "DI-227", 409, "That user has a console role, and no import ever touches such a user.",
            "该用户拥有控制台角色，任何导入都不会触及此类用户。", "Choose another user, or rename the member. An admin can take the console role from the user first.", "请选择其他用户，或为该成员改名导入。管理员也可以先收回该用户的控制台角色。";
        /// Of another corp, be its data source there or not.
        OtherCorp = "DI-228", 409, "That user belongs to another corp.",
            "该用户属于另一个企业。", "A user of one corp never becomes that of another. Choose another user, or rename the member.", "一个企业的用户不会成为另一个企业的用户。请选择其他用户，或为该成员改名导入。";
        /// Somebody else is that user.
        UserLinked = "DI-229", 409, "That user is another member's already.",
            "该用户已关联另一名成员。", "One member, one user: choose another user, or rename the member.", "一名成员对应一个用户：请选择其他用户，或为该成员改名导入。";
        /// Only members who are there can be decided about.
        Departed = "DI-230", 409, "This member has left, or is no longer visible.",
            "该成员已离开或不再可见。", "Nothing can be decided about somebody who is not there. Run a sync; whoever returns can be decided about then.", "对不在的人无法作出决定。请运行同步；成员回来后即可决定。";
        /// Nothing to ignore, or to open again.
        NoConflict = "DI-231", 409, "There is no such conflict to decide.",
            "没有可裁决的冲突。", "List the conflicts: only an open one can be ignored, and only an ignored one opened again.", "请列出冲突：只有待处理的可以忽略，只有已忽略的可以重新打开。";
        /// The rules lead to a conflict.
        NotImportable = "DI-232", 409, "This member cannot be imported like this.",
            "无法按此方式导入该成员。", "The detail says why. Link the member to the existing user, or import them under another username.", "详情说明了原因。请将该成员关联到现有用户，或以其他用户名导入。";
        /// There is no choice to be taken out of.
        EverybodyImported = "DI-233", 409, "This data source imports everybody.",
            "该数据源导入全部成员。", "Set the data source's import to chosen first, or disable the user.", "请先将数据源的import设为chosen，或停用该用户。";
        /// Not in the choice.
        NotChosen = "DI-234", 409, "This member is not among the chosen ones.",
            "该成员不在所选范围内。", "List the members with the outcome not_chosen.", "请列出结果为not_chosen的成员。";
        /// First it must be clear who it is.
        InDoubt = "DI-235", 409, "It is in doubt who this member is.",
            "该成员的身份存疑。", "Decide the open finding about the member's identity first.", "请先对该成员的身份存疑项作出决定。";
    }
}
