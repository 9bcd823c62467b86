//! Failures of moves (`MV-…`): of a company that goes from an app of the service provider to one of its own.

use crate::catalogue;

catalogue! {
    /// Failures of moves.
    pub enum MoveFailure {
        /// There is no such move, or member in it.
        NotFound = "MV-101", 404, "There is no such move, or no such member in it.",
            "没有该迁移记录，或其中没有该成员。", "List the moves of the data source: GET /api/v1/data-sources/ID/moves.", "请列出该数据源的迁移记录：GET /api/v1/data-sources/ID/moves。";
        /// Nothing to move from.
        NotBySuite = "MV-102", 409, "This data source is not connected by an app of the service provider.",
            "该数据源并非通过服务商应用接入。", "Only a company that installed such an app, and is connected by it, moves to an app of its own.", "只有通过安装服务商应用接入的企业才能迁移到自建应用。";
        /// Each data source has one.
        Open = "MV-103", 409, "This data source has a move already that is not over.",
            "该数据源已有未结束的迁移。", "Go on with that one, drop it while it is planned, or finish it once nobody wants to take it back.", "请继续该迁移；计划阶段可放弃，完成后如不再需要撤销则可结束。";
        /// A member of one is nobody in the other.
        NotProven = "MV-104", 409, "It is not proven that the new app belongs to the same company.",
            "尚未证明新应用属于同一企业。", "Enter the provider's secret at the service-provider app, let IDs be converted, or confirm that it is the same company (corp_confirmed).", "请在服务商应用处填写ProviderSecret，或通过ID转换证明，或自行确认为同一企业（corp_confirmed）。";
        /// Members are not paired.
        NotPaired = "MV-105", 409, "The members have not been paired yet.",
            "尚未配对成员。", "Pair them: POST .../pair.", "请先配对成员：POST .../pair。";
        /// Or was edited since.
        NotRehearsed = "MV-106", 409, "What is to be changed has not been rehearsed as it is now.",
            "当前方案尚未演练。", "Rehearse it, wait until that run has ended, and look at its rows.", "请先演练，等待该次运行结束，并查看其明细。";
        /// Somebody else has it.
        UseridTaken = "MV-107", 409, "This user ID is that of another member already.",
            "该成员 ID 已与另一成员配对。", "The detail names the member; change their pair first.", "详情列出了该成员；请先修改其配对。";
        /// The guard would pause the sync that follows.
        WouldPause = "MV-108", 409, "The sync that follows would change more people than the guard allows.",
            "随后的同步将影响的人数超出保护阈值。", "Look at the rows of the rehearsal. If they are meant, send accept: true.", "请查看演练的明细。如果确实如此，请发送accept: true。";
        /// A sync or an event came between.
        MembersChanged = "MV-109", 409, "Members came, left or changed their ID since they were paired.",
            "配对之后有成员加入、离开或变更了ID。", "Pair once more and rehearse; what was paired by hand stays.", "请重新配对并演练；手工配对会保留。";
        /// By the provider's own word.
        OtherCorp = "MV-110", 422, "WeCom says that this corp ID is another company's.",
            "企业微信表明该企业 ID 属于另一家企业。", "Enter the corp ID of the company that installed the app (管理后台 - 我的企业).", "请填写安装了该应用的企业的企业ID（管理后台→我的企业）。";
        /// It was changed, or is over.
        NotPlanned = "MV-111", 409, "This move is not being planned any more.",
            "该迁移已不在计划阶段。", "Read it to see where it stands.", "请读取该迁移以查看其状态。";
        /// Or was never done.
        NothingToUndo = "MV-112", 409, "This move cannot be taken back.",
            "该迁移无法撤销。", "It can from the change until the company deletes the service provider's app, or an admin finished the move.", "从切换之后、到企业删除服务商应用或管理员结束迁移之前可以撤销。";
        /// A corp has one data source of each kind.
        SourceExists = "MV-113", 409, "The company is connected by an app of its own already.",
            "该企业已通过自建应用接入。", "The detail names that data source. Its people are others than these: remove it first, or keep both.", "详情列出了该数据源，其用户与此处的用户互不相同：请先删除它，或两者并存。";
        /// A problem of a move, not a refusal.
        NotConverted = "MV-114", 502, "WeCom did not convert the IDs of the members.",
            "企业微信未转换成员 ID。", "See the detail; members can be paired by hand, and whoever is not paired loses access with the sync that follows.", "请查看详情；可手工配对成员，未配对者将在随后的同步中失去访问权限。";
        /// Of what is paired by hand.
        NotVisible = "MV-115", 422, "The new app does not see a member with this user ID.",
            "新应用的可见范围内没有该成员 ID。", "Enter the user ID (账号) as the WeCom console shows it, of somebody in the app's visible scope.", "请填写企业微信管理后台中显示的账号，且该成员须在应用可见范围内。";
        /// A remark.
        Unpaired = "MV-116", 409, "Some members are not paired: they are taken for gone by the sync that follows.",
            "部分成员未配对：随后的同步会将其视为已离开。", "Pair them by hand, or widen the visible scope of both apps and pair once more.", "请手工配对，或扩大两个应用的可见范围后重新配对。";
        /// Switched off.
        SourceDisabled = "MV-117", 409, "The data source is disabled, so nothing can be rehearsed or changed.",
            "该数据源已停用，无法演练或切换。", "Enable it first.", "请先启用该数据源。";
        /// A userid may be somebody else's by now.
        EnteredLongAgo = "MV-118", 409, "Pairs were entered by hand more than seven days ago.",
            "部分手工配对已超过七天。", "A user ID may have gone to somebody else since: look at them (pairs?how=by_hand), enter them once more, and rehearse.", "成员ID之后可能已转给他人：请查看这些配对（pairs?how=by_hand），重新填写后再演练。";
    }
}

#[cfg(test)]
mod tests {
    use super::MoveFailure;

    #[test]
    fn sentences_fit_a_protocol_error() {
        for entry in MoveFailure::ENTRIES {
            let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert!(entry.en.chars().all(printable), "{}", entry.number);
            assert!(entry.number.starts_with("MV-1") && !entry.zh.is_empty());
        }
    }
}
