//! Failures of the post room (`NO-…`).

use crate::{catalogue, crypto::failure::CryptoFailure, kernel::failure::Failure, store::failure::StoreFailure};

catalogue! {
    /// Failures of notices, their channels and subscriptions.
    pub enum NoticeFailure {
        /// Unacceptable fields of a channel or a subscription.
        Invalid = "NO-101", 422, "Some fields cannot be accepted.",
            "部分字段无法接受。", "The detail names each field and what is expected there.", "详情列出了每个有误的字段及其要求。";
        /// There is none of this id.
        NotFound = "NO-102", 404, "There is no such channel, subscription or notice.",
            "没有该渠道、订阅或通知。", "List what there is; it may have been removed meanwhile.", "请列出现有的内容；它可能已被删除。";
        /// Another channel has this name.
        NameTaken = "NO-103", 409, "Another channel has this name already.",
            "已有同名的渠道。", "Choose another name.", "请另取名称。";
        /// Nothing of this notice is to be sent again.
        NothingToSend = "NO-104", 409, "Nothing of this notice is to be sent again.",
            "该通知没有需要重发的投递。", "Nothing of it failed, or it is being sent just now. Name the delivery that is to be sent again although it was accepted.", "没有失败的投递，或正在发送。如需重发已被接收的投递，请指明该投递。";
        /// The channel of a delivery cannot send.
        ChannelOff = "NO-105", 409, "The channel was removed or is switched off.",
            "该渠道已删除或已停用。", "Enable the channel and send the notice again, or delete the subscription.", "请启用该渠道后重发通知，或删除相应的订阅。";
        /// Nothing of a notice with a link is to be sent again, or the link is over.
        LinkOver = "NO-106", 409, "Nothing of this notice is to be sent again, or the link in it is over.",
            "该通知没有需要重发的投递，或其中的链接已失效。", "A link is sent again only as long as it works. Make a new one.", "链接仅在有效期内可以重发，请重新生成。";
        /// The mail server cannot be reached.
        MailUnreachable = "NO-110", 502, "The mail server did not answer.",
            "邮件服务器无响应。", "Check host, port and how the connection is secured: STARTTLS is usually on port 587, TLS from the start on port 465.", "请检查主机、端口和加密方式：STARTTLS通常用587端口，直接TLS通常用465端口。";
        /// The mail server's certificate is not trusted.
        MailCertificate = "NO-111", 502, "The certificate of the mail server is not trusted.",
            "邮件服务器的证书不受信任。", "If it is of the company's own CA, name that CA's PEM file in outbound.ca_file. Otherwise the detail says whether it is the issuer, the name or the date.",
            "如果证书由企业自己的CA签发，请在outbound.ca_file中指定该CA的PEM文件。否则详情说明了问题在于签发者、名称还是日期。";
        /// 535 and its like.
        LoginRefused = "NO-112", 502, "The mail server refused the user name or the password.",
            "邮件服务器拒绝了用户名或密码。", "Enter them again. Many providers want a password made for programs, and that SMTP is switched on for the mailbox.", "请重新填写。许多邮件服务商要求使用客户端专用密码，并需在邮箱设置中开启SMTP。";
        /// RCPT TO.
        AddressRefused = "NO-113", 502, "The mail server refused the address of the recipient.",
            "邮件服务器拒绝了收件人地址。", "Check the address of the subscription. A server without login may only take addresses of its own domains.", "请检查订阅中的地址。未登录时，服务器可能只接受自己域名下的地址。";
        /// MAIL FROM.
        SenderRefused = "NO-114", 502, "The mail server refused the address of the sender.",
            "邮件服务器拒绝了发件人地址。", "Most servers only let a mailbox send under its own address: make the sender the same as the user name.", "多数服务器只允许邮箱以自己的地址发信：请将发件人改为登录所用的邮箱地址。";
        /// DATA.
        MailRefused = "NO-115", 502, "The mail server refused the message.",
            "邮件服务器拒绝了该邮件。", "The detail is what the server answered.", "详情是服务器的应答内容。";
        /// No STARTTLS, no AUTH.
        MailUnable = "NO-116", 502, "The mail server does not offer what the channel is set up for.",
            "邮件服务器不支持该渠道所设置的方式。", "Without STARTTLS nothing is sent in the clear: choose TLS from the start, or another port. Without a login, leave the user name empty.",
            "服务器不支持STARTTLS时不会以明文发送：请改用直接TLS或其他端口。服务器不支持登录时，请将用户名留空。";
        /// Link-local, or where a cloud tells machines their credentials.
        MailHostLocal = "NO-119", 502, "The name of the mail server leads to an address that is never called.",
            "邮件服务器的名称指向不允许连接的地址。", "Link-local addresses (169.254.0.0/16, fe80::/10), and those at which clouds tell machines their credentials, are no mail servers. Correct host, or its entry in the DNS. Private networks are allowed.",
            "链路本地地址（169.254.0.0/16、fe80::/10）以及云平台向机器提供凭证的地址不是邮件服务器。请改正host或其DNS记录。内部网络地址是允许的。";
        /// A webhook answered with something else than 2xx.
        WebhookRefused = "NO-117", 502, "The webhook did not accept the notice.",
            "Webhook未接受该通知。", "The detail has the HTTP status and what it answered. Any status from 200 to 299 means accepted.", "详情中有HTTP状态码和应答内容。200至299之间的状态码均表示已接受。";
        /// 410.
        WebhookGone = "NO-118", 502, "The webhook says that it is gone for good.",
            "Webhook表示其已永久停用。", "It answered 410, so this notice is not sent again. Change the address of the channel, or delete the channel.", "对方应答410，因此不再发送该通知。请修改渠道的地址，或删除该渠道。";
    }
}

/// Whether a row, or what it needs, was sealed under another key or written by no version of Menjin.
pub fn is_unreadable(failure: &Failure) -> bool {
    [CryptoFailure::Unreadable.entry(), StoreFailure::Corrupt.entry()].contains(&failure.entry)
}
