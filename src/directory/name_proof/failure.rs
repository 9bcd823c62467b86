//! Failures of showing names (`NP-…`).

use crate::catalogue;

catalogue! {
    /// Failures of showing names.
    pub enum NameProofFailure {
        /// Not a data source that a suite connected.
        NotFound = "NP-101", 404, "There is no such company that is connected by a service provider's app.",
            "没有通过服务商应用接入的该企业。", "Names of other companies are told to Menjin itself, and stand on its pages.", "其他企业的姓名由企业微信直接提供，已显示在页面上。";
        /// What came back is no code or state, or the page to return to is none of the console.
        Invalid = "NP-102", 422, "This return from WeCom cannot be read.",
            "无法识别此次从企业微信返回的请求。", "Press See names again.", "请再次点击“查看姓名”。";
        /// The state is unknown, was used, or is too old.
        ScanOver = "NP-103", 409, "This scan has expired or was used already.",
            "此次扫码已过期或已被使用。", "Press See names again, and scan anew.", "请再次点击“查看姓名”并重新扫码。";
        /// It was begun in another session.
        ForeignScan = "NP-104", 403, "This scan was not begun in this session.",
            "此次扫码不是在当前会话中发起的。", "Press See names yourself, and finish in the same browser; what one person proved shows names to nobody else.",
            "请自行点击“查看姓名”，并在同一浏览器中完成；一个人的验证不会让其他人看到姓名。";
        /// The company is not connected any more, or in another way.
        NotConnected = "NP-105", 409, "This company is not connected by the service provider's app now.",
            "该企业当前未通过服务商应用接入。", "See the page of the company. Where it deleted the app, or uses an app of its own by now, there is nothing to scan for.",
            "请查看该企业的页面。若其已删除该应用，或已改用自建应用，则无需扫码。";
        /// A member of another corp.
        OtherCorp = "NP-106", 403, "Whoever scanned is a member of another company.",
            "扫码者是其他企业的成员。", "Scan with WeCom of this very company: WeCom shows names to its own members alone.", "请使用该企业的企业微信扫码：企业微信只向本企业成员显示姓名。";
        /// Of no corp.
        Outsider = "NP-107", 403, "Whoever scanned is not a member of a company in WeCom.",
            "扫码者不是企业微信中任何企业的成员。", "A member of this very company must scan.", "请由该企业的成员扫码。";
        /// `CorpId/userid`.
        LinkedCorp = "NP-108", 403, "Whoever scanned belongs to a linked company.",
            "扫码者属于互联企业。", "A member of this very company must scan.", "请由该企业本身的成员扫码。";
        /// WeCom does not show them to the app, or they were not read.
        OutsideScope = "NP-109", 403, "Whoever scanned is not among the employees for whom the company authorised the app.",
            "扫码者不在该企业授权的员工范围内。", "Somebody in the visible scope of the app must scan. Whoever was added a moment ago is known after the next sync.",
            "请由该应用可见范围内的成员扫码。刚加入的成员需等下一次同步之后才会被识别。";
        /// Disabled, or has not joined.
        Inactive = "NP-110", 403, "Whoever scanned is disabled or has not joined the company in WeCom.",
            "扫码成员已被禁用或尚未加入企业。", "Somebody active in the company must scan.", "请由该企业的在职成员扫码。";
        /// Nobody proved it in this session.
        NotProven = "NP-111", 403, "Names of this company are not shown in this session.",
            "当前会话不显示该企业的姓名。", "Press See names, and scan with WeCom of this company.", "请点击“查看姓名”，并使用该企业的企业微信扫码。";
        /// Only our own pages are signed.
        ForeignPage = "NP-112", 422, "Only pages of this console are signed for WeCom.",
            "只为本控制台的页面签名。", "Open the console by the address in server.public_url.", "请通过server.public_url中的地址打开控制台。";
    }
}

#[cfg(test)]
mod tests {
    use super::NameProofFailure;

    #[test]
    fn numbers_and_both_languages() {
        for entry in NameProofFailure::ENTRIES {
            assert!(entry.number.starts_with("NP-1") && !entry.zh.is_empty() && !entry.remedy_zh.is_empty());
        }
    }
}
