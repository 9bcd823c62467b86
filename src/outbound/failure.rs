//! Failures of calls to portals' servers (`OB-…`).

use crate::catalogue;

catalogue! {
    /// Failures of calls to portals' servers.
    pub enum OutboundFailure {
        /// The client could not be built.
        NoClient = "OB-100", 500, "Calls to other servers are not possible.",
            "无法调用外部服务。", "The log line with this reference has the cause.", "日志中带有该参考码的一行记录了原因。";
        /// Not an https address.
        AddressInvalid = "OB-101", 400, "The address is not one that may be called.",
            "该地址不可调用。", "Use an https URL without user name, password or fragment (plain http only on loopback).", "请使用不含用户名、密码和片段的https地址（仅环回地址可用http）。";
        /// The address leads into a private network.
        AddressPrivate = "OB-102", 400, "The address leads to a private network.",
            "该地址指向内部网络。", "Add the network to outbound.allow if Menjin may call it.", "如果允许门禁调用该网络，请将其加入outbound.allow。";
        /// The server did not answer, or not in time.
        Unreachable = "OB-103", 502, "The other server did not answer.",
            "对方服务器无响应。", "The log line with this reference has the cause.", "日志中带有该参考码的一行记录了原因。";
        /// The reply is too large or not JSON.
        ReplyUnusable = "OB-104", 502, "The reply of the other server could not be used.",
            "对方服务器的响应无法使用。", "The address must answer 200 with a JSON document of at most 256 KiB.", "该地址须以200应答，内容为不超过256KiB的JSON文档。";
        /// The server's certificate is not trusted.
        CertificateUntrusted = "OB-180", 502, "The certificate of the other server is not trusted.",
            "对方服务器的证书不受信任。", "If it is of the company's own CA, name that CA's PEM file in outbound.ca_file. Otherwise the server has to be mended: the cause says whether it is the issuer, the name or the date.",
            "如果证书由企业自己的CA签发，请在outbound.ca_file中指定该CA的PEM文件。否则须修复对方服务器：技术原因中说明了问题在于签发者、名称还是日期。";
    }
}
