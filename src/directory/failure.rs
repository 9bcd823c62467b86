//! Failures of editing the directory.

use crate::catalogue;

catalogue! {
    /// Failures of editing the directory.
    pub enum DirectoryFailure {
        /// One or more fields are not acceptable.
        Invalid = "DI-101", 422, "Some fields cannot be accepted.",
            "部分字段无效。", "The detail names each field and what is expected there.", "详情逐一列出了有误的字段及其要求。";
        /// No such resource.
        NotFound = "DI-102", 404, "There is no such entry in the directory.",
            "通讯录中没有该条目。", "List the resource to see the ids that exist.", "请列出该资源，查看现有的ID。";
        /// Another data source has this corp ID.
        CorpTaken = "DI-103", 409, "Another data source has this corp ID already.",
            "已有数据源使用该企业 ID。", "One corp has one data source: edit the existing one.", "一个企业只对应一个数据源：请编辑现有的数据源。";
        /// The corp ID of a synced data source cannot change.
        CorpFixed = "DI-104", 409, "The corp ID cannot change once this data source has been synced or is being synced.",
            "数据源同步后不能修改企业 ID。", "Its members belong to the old corp: create another data source for the other corp.", "其成员属于原企业：请为另一个企业新建数据源。";
        /// Of a data source that is connected by a suite.
        ConnectedBySuite = "DI-251", 422, "This company is connected by an app of the service provider, so this is not entered by hand.",
            "该企业通过服务商应用接入，此项不能手工填写。", "Corp ID and credentials come by the installation. Connect the company by an app of its own as a data source beside this one.",
            "企业ID和凭证来自安装。如需使用企业自建应用，请另建一个数据源接入。";
        /// The username belongs to somebody else.
        UsernameTaken = "DI-105", 409, "Another user has this username already.",
            "该用户名已被占用。", "Usernames are compared without regard to letter case; choose another one.", "用户名不区分大小写；请另选一个。";
        /// A portal names the auth source.
        AuthSourceInUse = "DI-106", 409, "Clients still name this auth source.",
            "仍有门户引用该认证源。", "Remove it from the auth_sources of the clients named in the detail, or disable it instead.", "请将其从详情所列门户的auth_sources中移除，或改为停用此认证源。";
        /// Only an admin may touch console roles.
        ConsoleUser = "DI-107", 403, "This API token may not give this console role, or change users who have it.",
            "该 API 令牌无权授予此控制台角色，也无权修改拥有该角色的用户。", "Use an API token whose role is admin; for the console role owner, one whose role is owner.", "请使用角色为admin的API令牌；涉及控制台角色owner时，请使用角色为owner的令牌。";
        /// A disabled data source is not synced.
        SourceDisabled = "DI-108", 409, "This data source is disabled, so it is not synced.",
            "该数据源已停用，不会同步。", "Enable the data source first.", "请先启用该数据源。";
        /// Nobody needs so many.
        TooManyFiles = "DI-117", 409, "There are too many verification files already.",
            "校验文件数量已达上限。", "Remove those whose domains are verified: WeCom asks for a file only once.", "请删除域名已通过验证的文件：企业微信对每个文件只请求一次。";
        /// Both would be one row.
        AppTaken = "DI-280", 409, "An app with this corp ID and AgentId was entered here by hand, so the installed one cannot be connected beside it.",
            "已有手动填写的应用使用该企业 ID 和 AgentId，因此无法再接入已安装的应用。", "The detail names the app: remove it from its data source and auth source, then connect the company again.",
            "详情列出了该应用：请将其从数据源和认证源中移除，然后重新接入该企业。";
        /// Nobody would have the highest role.
        LastOfHighest = "DI-249", 409, "This is the last active person with the highest console role.",
            "这是最后一位拥有最高控制台角色的可用用户。", "Give somebody else the role first, then take it away here.", "请先将该角色授予另一个人，再收回此人的角色。";
        /// Another group has this name.
        GroupNameTaken = "DI-270", 409, "Another group has this name already.",
            "已有用户组使用该名称。", "Names are compared without regard to letter case; choose another one.", "名称不区分大小写；请另选一个。";
        /// Portals name the group.
        GroupInUse = "DI-271", 409, "Clients still name this group among those who may enter.",
            "仍有门户允许该用户组进入。", "Remove it from the allowed_groups of the clients named in the detail; mind that a client whose lists are all empty is open to everybody.", "请将其从详情所列门户的allowed_groups中移除；请注意：名单全部为空的门户对所有人开放。";
        /// Nobody can decide it any more.
        FindingDecided = "DI-112", 409, "This finding is decided already, or the member changed meanwhile.",
            "该存疑项已有结论，或成员已发生变化。", "List the open findings about identities again.", "请重新列出待处理的身份存疑项。";
    }
}
