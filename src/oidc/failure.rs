//! Errors of the protocol endpoints: one reference number each, and the OAuth error code it is answered under.
//!
//! A [`Fault`] is a failure with that code; `http` writes it as a redirect, as JSON (RFC 6749 §5.2) or as a page.

use crate::{catalogue, gate::Refusal, kernel::failure::Failure, wecom::failure::WeComFailure};

catalogue! {
    /// Failures of the OpenID provider.
    pub enum OidcFailure {
        /// No client has this `client_id`, or none was sent.
        ClientUnknown = "OP-101", 400, "This application is not known here.",
            "未登记的应用。", "Send the client_id exactly as registered.", "请发送与登记完全一致的client_id。";
        /// No `redirect_uri` was sent.
        RedirectUriMissing = "OP-102", 400, "The application did not say where to return to.",
            "应用未提供回调地址。", "OpenID Connect requires redirect_uri at the authorization endpoint.", "OpenID Connect要求授权端点带有redirect_uri。";
        /// The `redirect_uri` is none of the registered ones.
        RedirectUriMismatch = "OP-103", 400, "The application asked to return to an address that is not registered.",
            "应用请求的回调地址未登记。", "Add exactly this string to the client's redirect_uris; no prefix or wildcard matches, only the port of http://127.0.0.1 and http://[::1] is free.",
            "请将完全相同的字符串加入门户的redirect_uris；不匹配前缀或通配符，只有http://127.0.0.1和http://[::1]的端口可以任意。";
        /// The kept authorization request of a resumed sign-in does not exist any more.
        RequestUnknown = "OP-104", 400, "This sign-in has expired. Go back to the application and start again.",
            "本次登录已过期，请返回应用重新开始。", "Authorization requests live 30 minutes and end when a code was issued.", "授权请求的有效期为30分钟，签发授权码后即结束。";
        /// The form of an endpoint could not be read.
        BodyUnreadable = "OP-105", 400, "The request could not be read.",
            "无法读取该请求。", "Send application/x-www-form-urlencoded.", "请以application/x-www-form-urlencoded发送。";
        /// The body is larger than 64 KiB.
        BodyTooLarge = "OP-106", 413, "The request is too large.",
            "请求内容过大。", "The limit is 64 KiB.", "上限为64KiB。";

        /// A parameter was sent twice.
        DuplicateParameter = "OP-110", 400, "A parameter was sent more than once.",
            "参数重复。", "RFC 6749 section 3.1 allows each parameter once; the detail names it.", "RFC 6749第3.1节只允许每个参数出现一次；详情列出了该参数。";
        /// No `response_type`.
        ResponseTypeMissing = "OP-111", 400, "The parameter response_type is missing.",
            "缺少 response_type 参数。", "Send response_type=code.", "请发送response_type=code。";
        /// A `response_type` other than `code`.
        ResponseTypeUnsupported = "OP-112", 400, "Only the response type code is supported.",
            "仅支持 response_type=code。", "Configure the portal for the authorization code flow.", "请将门户配置为授权码流程。";
        /// An unknown `response_mode`.
        ResponseModeUnsupported = "OP-113", 400, "The response mode is not supported.",
            "不支持该 response_mode。", "Use query or form_post.", "请使用query或form_post。";
        /// A request object where none is allowed.
        RequestNotSupported = "OP-114", 400, "A request object is not supported here.",
            "此处不支持 request 参数。", "Send one signed request object, and nothing in it but parameters.", "请发送一个已签名的请求对象，其中只含参数。";
        /// A request object was sent by reference.
        RequestUriNotSupported = "OP-115", 400, "Request objects by reference are not supported.",
            "不支持 request_uri 参数。", "Send a request_uri that the pushed_authorization_request_endpoint answered, or the parameters as they are.",
            "请发送pushed_authorization_request_endpoint返回的request_uri，或直接发送参数。";
        /// The scope lacks `openid`.
        ScopeWithoutOpenid = "OP-116", 400, "The scope must contain openid.",
            "scope 必须包含 openid。", "Ask for openid. Plain OAuth without an ID token is only for pushed requests (PAR) with scopes of the client.",
            "请申请openid。不带ID令牌的普通OAuth仅适用于推送的请求（PAR），且须使用该门户的scope。";
        /// No `code_challenge` where one is needed.
        PkceRequired = "OP-117", 400, "PKCE is required: the parameter code_challenge is missing.",
            "必须使用 PKCE。", "Public clients always need PKCE; a confidential one if its registration says so.", "公开客户端始终需要PKCE；机密客户端在登记要求时需要。";
        /// A `code_challenge_method` other than S256.
        PkceMethod = "OP-118", 400, "Only the code challenge method S256 is supported.",
            "仅支持 S256。", "Send code_challenge_method=S256; when it is missing it means plain (RFC 7636 section 4.3).", "请发送code_challenge_method=S256；省略时表示plain（RFC 7636第4.3节）。";
        /// The challenge is no SHA-256 in base64url.
        PkceMalformed = "OP-119", 400, "The code challenge is malformed.",
            "code_challenge 格式错误。", "It is the unpadded base64url of a SHA-256: 43 characters.", "应为SHA-256的base64url编码，不带填充：43个字符。";
        /// `prompt` is malformed.
        PromptInvalid = "OP-120", 400, "The parameter prompt is not valid.",
            "prompt 参数无效。", "none stands alone; login, select_account and consent may be combined.", "none只能单独使用；login、select_account和consent可以组合。";
        /// `max_age` is no number of seconds.
        MaxAgeInvalid = "OP-121", 400, "The parameter max_age is not a number of seconds.",
            "max_age 参数无效。", "Send a whole number, 0 or more.", "请发送不小于0的整数。";
        /// An `id_token_hint` we did not sign.
        HintInvalid = "OP-122", 400, "The id_token_hint was not issued here.",
            "id_token_hint 无效。", "Send an ID token issued by this provider; it may have expired.", "请发送由本服务签发的ID令牌；可以是已过期的。";
        /// A parameter that is kept until the person has signed in is too long.
        ParameterTooLong = "OP-123", 400, "The nonce, state or ui_locales parameter is too long.",
            "nonce、state 或 ui_locales 参数过长。", "At most 512 characters of nonce, 4096 bytes of state, 256 bytes of ui_locales. A longer state comes back in no answer.",
            "nonce最多512个字符，state最多4096字节，ui_locales最多256字节。更长的state不会在任何应答中返回。";
        /// Nobody is signed in, and `prompt=none` forbids asking.
        LoginRequired = "OP-124", 400, "The person has to sign in.",
            "需要登录。", "Normal answer to prompt=none without a session; send the person without prompt=none.", "没有会话时，这是对prompt=none的正常应答；请不带prompt=none重新引导用户登录。";
        /// Another person is signed in than the `id_token_hint` names.
        OtherPerson = "OP-125", 400, "Another person than the id_token_hint names is signed in.",
            "当前登录的是另一位用户。", "Drop the hint, or let the person sign out first.", "请去掉该提示，或先让用户退出登录。";
        /// The person must sign in by another method, and `prompt=none` forbids asking.
        InteractionRequired = "OP-126", 400, "The person has to sign in another way.",
            "需要以其他方式登录。", "This portal does not accept the way the person signed in with; send the person without prompt=none.", "该门户不接受此人所用的登录方式；请不带prompt=none重新引导用户登录。";
        /// The gate refused a request with `prompt=none`.
        AccessDenied = "OP-127", 403, "The person may not enter this application.",
            "该用户无权访问此应用。", "The detail has the gate's number and the code of the trace.", "详情中有门禁判定的编号和参考码。";
        /// `registration` was sent.
        RegistrationNotSupported = "OP-128", 400, "The parameter registration is not supported.",
            "不支持 registration 参数。", "Register the client beforehand.", "请事先登记该门户。";
        /// A parameter holds control characters.
        ControlCharacters = "OP-129", 400, "A parameter holds control characters.",
            "参数含有控制字符。", "The detail names the parameter. Only in claims, which is JSON, line breaks and tabs may stand.", "详情列出了该参数。只有JSON格式的claims中可以含有换行和制表符。";
        /// The required authentication context class cannot be reached.
        AcrUnmet = "SI-239", 403, "The person cannot sign in the way the application requires.",
            "无法以该应用要求的方式登录。", "No way of signing in that this portal offers, or none this person has, leads to a class of the essential claim acr.", "该门户提供的登录方式，或此人拥有的登录方式，都达不到必需声明acr所要求的等级。";

        /// A parameter of a token, introspection or revocation request is missing or malformed.
        ParameterMissing = "OP-140", 400, "A parameter is missing.",
            "缺少参数。", "The detail names the parameter.", "详情列出了该参数。";
        /// An unknown grant type.
        GrantTypeUnsupported = "OP-141", 400, "The grant type is not supported.",
            "不支持该 grant_type。", "Use one of grant_types_supported of the discovery document.", "请使用发现文档的grant_types_supported中的一种。";
        /// Unknown client, wrong secret or a method its registration does not take: deliberately one answer.
        ClientAuthentication = "OP-142", 401, "The client could not be authenticated.",
            "门户身份验证失败。", "Check client_id, secret and token_endpoint_auth_method: a secret may come in the header or the form unless strict_client_authentication is set; other methods only as registered.",
            "请核对client_id、密钥和token_endpoint_auth_method：未设置strict_client_authentication时，密钥可放在请求头或表单中；其他方式须与登记一致。";
        /// Client credentials were sent by two methods.
        TwoAuthentications = "OP-143", 400, "The client authenticated in more than one way.",
            "门户使用了多种身份验证方式。", "Use the Authorization header or the form, not both (RFC 6749 section 2.3).", "请只使用Authorization请求头或表单之一（RFC 6749第2.3节）。";
        /// The code is unknown or too old.
        CodeUnknown = "OP-144", 400, "The authorization code is unknown or has expired.",
            "授权码无效或已过期。", "Codes live 60 seconds; redeem them at once.", "授权码的有效期为60秒，请立即兑换。";
        /// The code was redeemed before.
        CodeReused = "OP-145", 400, "The authorization code was used before; its tokens have been revoked.",
            "授权码已被使用，相关令牌已撤销。", "Redeem a code once. If the portal did, somebody else saw the code.", "每个授权码只能兑换一次。如果门户确实只兑换了一次，则有他人得到了该授权码。";
        /// The code belongs to another client.
        CodeForeign = "OP-146", 400, "The authorization code was issued to another client.",
            "授权码属于其他门户。", "Use the client_id of the authorization request.", "请使用授权请求中的client_id。";
        /// The redirect URI differs from the one of the authorization request.
        CodeRedirectMismatch = "OP-147", 400, "The redirect_uri differs from the one of the authorization request.",
            "redirect_uri 与授权请求不一致。", "Send exactly the same string at both endpoints.", "请在两个端点发送完全相同的字符串。";
        /// The verifier does not fit the challenge.
        VerifierMismatch = "OP-148", 400, "The code_verifier does not match the code challenge.",
            "code_verifier 不匹配。", "Send the verifier the challenge was made from; send none if there was no challenge.", "请发送生成code_challenge时所用的code_verifier；如未发送code_challenge，则不要发送。";
        /// The client is not registered for this grant type.
        GrantTypeNotAllowed = "OP-149", 400, "The client may not use this grant type.",
            "该门户未获准使用此 grant_type。", "Add the grant type to the client's metadata.grant_types.", "请将该grant_type加入门户的metadata.grant_types。";
        /// The refresh token is unknown or another client's.
        RefreshUnknown = "OP-150", 400, "The refresh token is not valid.",
            "刷新令牌无效。", "It was never issued to this client.", "该令牌从未签发给此门户。";
        /// The refresh token was used before.
        RefreshReused = "OP-151", 400, "The refresh token was used before; all tokens of its family have been revoked.",
            "刷新令牌已被使用，相关令牌已全部撤销。", "Refresh tokens rotate: keep the newest only. A client that authenticates or proves a key may ask again for tokens.refresh_retry seconds, until the new token is used.",
            "刷新令牌会轮换，请只保留最新的。经过身份验证或证明了密钥的门户，在新令牌被使用之前，可在tokens.refresh_retry秒内重新请求。";
        /// The refresh token is too old.
        RefreshExpired = "OP-152", 400, "The refresh token has expired.",
            "刷新令牌已过期。", "Send the person through a sign-in again.", "请让用户重新登录。";
        /// The grant was revoked.
        GrantRevoked = "OP-153", 400, "The grant behind this token has been revoked.",
            "授权已被撤销。", "The person signed out, left, or an admin ended the session.", "用户已退出登录或离开，或管理员结束了会话。";
        /// More scope than granted.
        ScopeWidened = "OP-154", 400, "The scope is wider than what was granted.",
            "请求的 scope 超出授权范围。", "A refresh may narrow the scope, never widen it (RFC 6749 section 6).", "刷新时可以缩小scope，但不能扩大（RFC 6749第6节）。";
        /// The gate refused at the token endpoint.
        NotAdmitted = "OP-155", 400, "The person may no longer enter this application.",
            "该用户已无权访问此应用。", "The detail has the gate's number and the code of the trace.", "详情中有门禁判定的编号和参考码。";
        /// WeCom could not confirm the membership; nothing was consumed.
        NotConfirmed = "OP-156", 503, "The membership cannot be confirmed right now. Nothing was used up; try again shortly.",
            "暂时无法确认成员身份，请稍后再试。", "The detail has the cause: GT-113 with the code of the trace, or the WC- number of what WeCom answers instead.", "详情中有原因：GT-113和参考码，或企业微信所作应答的WC-编号。";
        /// It is in doubt who the person is, and an admin decides; nothing was consumed.
        Undecided = "OP-157", 400, "It is being decided who this person is. Nothing was used up.",
            "正在确认该用户的身份，未消耗任何凭据。", "Decide the finding about the person's identity (docs/identity.md); until then nobody enters by this account.",
            "请对此人的身份存疑项作出决定（docs/identity.md）；在此之前，任何人都不能用该账号进入。";

        /// No access token was sent.
        TokenMissing = "OP-160", 401, "An access token is needed.",
            "缺少访问令牌。", "Send it in the Authorization header as Bearer.", "请在Authorization请求头中以Bearer发送。";
        /// The access token is not valid any more, or never was.
        TokenInvalid = "OP-161", 401, "The access token is not valid.",
            "访问令牌无效。", "It expired, was revoked, or was not issued here.", "该令牌已过期、已撤销，或不是由本服务签发。";
        /// The access token was sent twice: in the header and in the form.
        TokenTwice = "OP-162", 400, "The access token was sent in more than one way.",
            "访问令牌重复提交。", "Use the header or the form field, not both (RFC 6750 section 2).", "请只使用请求头或表单字段之一（RFC 6750第2节）。";

        /// The `id_token_hint` of a logout was not signed by us.
        LogoutHintInvalid = "OP-170", 400, "The sign-out request could not be verified.",
            "无法验证该退出请求。", "The id_token_hint must be an ID token issued by this provider to this client; it may have expired.", "id_token_hint须为本服务签发给该门户的ID令牌；可以是已过期的。";
        /// The return address of a logout is not registered.
        LogoutRedirectMismatch = "OP-171", 400, "The application asked to return to an address that is not registered for signing out.",
            "应用请求的退出回调地址未登记。", "Add exactly this string to the client's post_logout_redirect_uris.", "请将完全相同的字符串加入门户的post_logout_redirect_uris。";
        /// The confirmation does not belong to this browser.
        LogoutUnconfirmed = "OP-172", 403, "The sign-out could not be confirmed in this browser.",
            "无法在此浏览器确认退出。", "Open the sign-out page again.", "请重新打开退出登录页面。";

        /// No usable signing key.
        KeyMissing = "OP-180", 503, "No signing key is available.",
            "没有可用的签名密钥。", "Check the seal key; the log line with this reference has the cause.", "请检查封存密钥；日志中带有该参考码的一行记录了原因。";
        /// An invariant of token minting does not hold.
        MintRefused = "OP-181", 500, "The tokens could not be issued.",
            "无法签发令牌。", "The log line with this reference has the cause.", "日志中带有该参考码的一行记录了原因。";

        /// A return address was sent without what names its client.
        LogoutClientMissing = "OP-240", 400, "The application asked to return to its address but sent neither id_token_hint nor client_id.",
            "应用要求返回其地址，但未提供 id_token_hint 或 client_id。", "Send one of them, best the hint, beside post_logout_redirect_uri: without either nobody can tell whose address it is.",
            "请在post_logout_redirect_uri之外发送其中之一，最好是id_token_hint：两者都没有时，无法得知该地址属于哪个门户。";
    }
}

impl OidcFailure {
    /// The OAuth error code it is answered under (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OpenID Connect Core 3.1.2.6).
    pub const fn error(self) -> &'static str {
        match self {
            Self::ResponseTypeUnsupported => "unsupported_response_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::ScopeWithoutOpenid | Self::ScopeWidened => "invalid_scope",
            Self::LoginRequired | Self::OtherPerson => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccessDenied => "access_denied",
            Self::AcrUnmet => "unmet_authentication_requirements",
            Self::GrantTypeUnsupported => "unsupported_grant_type",
            Self::GrantTypeNotAllowed => "unauthorized_client",
            Self::ClientAuthentication => "invalid_client",
            Self::CodeUnknown
            | Self::CodeReused
            | Self::CodeForeign
            | Self::CodeRedirectMismatch
            | Self::VerifierMismatch
            | Self::RefreshUnknown
            | Self::RefreshReused
            | Self::RefreshExpired
            | Self::GrantRevoked
            | Self::NotAdmitted
            | Self::Undecided => "invalid_grant",
            Self::NotConfirmed | Self::KeyMissing => "temporarily_unavailable",
            Self::TokenMissing | Self::TokenInvalid => "invalid_token",
            Self::MintRefused => "server_error",
            _ => "invalid_request",
        }
    }

    /// A fault of this kind with a detail for the integrator.
    pub fn because(self, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.detail = Some(detail.into());
        fault
    }

    /// A fault of this kind with a cause for the log and the audit log.
    pub fn caused_by(self, cause: impl Into<String>) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.cause = Some(cause.into());
        fault
    }
}

/// A failure with the OAuth error code it is answered under.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Error code.
    pub error: &'static str,
    /// Number, sentence, detail, cause.
    pub failure: Failure,
}

impl Fault {
    /// Whether this is an answer that programs expect in the normal course of things: they poll, look whether somebody is signed in, or
    /// fetch a nonce. It gets no reference, and is neither logged nor recorded.
    pub fn is_normal(&self) -> bool {
        let expected = matches!(
            self.error,
            "login_required"
                | "interaction_required"
                | "consent_required"
                | "authorization_pending"
                | "slow_down"
                | "use_dpop_nonce"
        );
        expected && self.failure.recorded.is_none()
    }

    /// A refusal of the gate answered as a fault of this kind, under the gate's reference.
    pub fn of_refusal(kind: OidcFailure, refusal: &Refusal) -> Self {
        let mut fault = kind.because(refusal.reason.entry().number);
        fault.failure.recorded = Some(refusal.reference.clone());
        fault
    }

    /// The `error_description`: our number, the sentence, the detail, and the reference of this occurrence, in printable ASCII without `"`
    /// and `\` (RFC 6749 §5.2). The detail may quote the caller, so it is filtered here and nowhere else.
    pub fn description(&self, reference: Option<&str>) -> String {
        let detail = self.failure.detail.as_deref();
        let detail = detail.map_or_else(String::new, |detail| format!(" ({detail})"));
        let entry = self.failure.entry;
        let reference = reference.map_or_else(String::new, |reference| format!(" [{reference}]"));
        let text = format!("{}: {}{detail}{reference}", entry.number, entry.en);
        text.chars()
            .filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\'))
            .collect()
    }
}

impl Fault {
    /// Whether the same request may succeed later: the failure is not the caller's.
    pub const fn may_pass(&self) -> bool {
        self.failure.entry.status >= 500
    }
}

impl From<OidcFailure> for Fault {
    fn from(kind: OidcFailure) -> Self {
        Self {
            error: kind.error(),
            failure: kind.failure(),
        }
    }
}

/// Failures of the infrastructure (stores, sealing) are errors of the server, never of the client. That WeCom gives no answer passes once it
/// does again or an admin has mended what it asks for; which failure it was stands behind the number, its words only in the log. Their detail is
/// for admins of this server: portals show descriptions to people.
impl From<Failure> for Fault {
    fn from(mut failure: Failure) -> Self {
        if WeComFailure::ENTRIES.contains(failure.entry) {
            let mut fault = OidcFailure::NotConfirmed.because(failure.entry.number);
            fault.failure.cause = Some(failure.to_string());
            return fault;
        }
        let error = if matches!(failure.entry.status, 429 | 503) {
            "temporarily_unavailable"
        } else {
            "server_error"
        };
        let detail = failure.detail.take();
        failure.cause = failure.cause.or(detail);
        Self { error, failure }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, OidcFailure};

    #[test]
    fn every_sentence_is_what_rfc_6749_allows() {
        for entry in OidcFailure::ENTRIES {
            let clean = entry
                .en
                .chars()
                .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\');
            assert!(clean, "{}", entry.number);
            assert!((400..600).contains(&entry.status), "{}", entry.number);
        }
    }

    #[test]
    fn numbers_are_unique() {
        let numbers: std::collections::HashSet<_> = OidcFailure::ENTRIES.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers.len(), OidcFailure::ENTRIES.len());
    }

    #[test]
    fn a_description_never_repeats_what_the_caller_smuggles_in() {
        let fault = OidcFailure::DuplicateParameter.because("sc\"o\\pe\r\n密");
        assert_eq!(
            fault.description(Some("AB")),
            "OP-110: A parameter was sent more than once. (scope) [AB]"
        );
        assert_eq!(Fault::from(OidcFailure::CodeUnknown).error, "invalid_grant");
    }
}
