//! What the doctor finds besides what resources and syncs say of themselves (`DR-…`). Status 200: nobody is answered with them.

use crate::catalogue;

catalogue! {
    /// Findings of the doctor.
    pub enum DoctorFinding {
        /// A check failed, or did not end in time.
        CheckFailed = "DR-100", 200, "A check of the doctor could not be made.",
            "有一项检查未能完成。", "What was seen says why. Run the check again; if it fails again while nothing else is wrong, report it.";
        /// The command line could not load the configuration.
        ConfigurationInvalid = "DR-101", 200, "The configuration is not valid, so Menjin does not start.",
            "配置无效，门禁无法启动。", "Correct the setting that is named; config/default.toml explains each.";
        /// https without trusted proxies.
        ProxiesUnnamed = "DR-102", 200, "public_url is https, but no proxy is trusted, so everybody behind the proxy counts as one address.",
            "public_url 为 https，但未配置可信代理，代理后的所有人会被视为同一地址。",
            "Name the TLS proxy in server.trusted_proxies, and let it append X-Forwarded-For: one visitor can use up the rate limits of all.";
        /// The command line was not answered.
        NoServer = "DR-103", 200, "No server answers at server.listen, so nobody can sign in here.",
            "server.listen 处没有服务应答，此处无人可以登录。", "Start Menjin; if it is started and does not stay up, its log says why. If it runs elsewhere, ask it by --server.";
        /// The command line had no token for the server.
        ServerNotAsked = "DR-104", 200, "A server answers, but it was not asked, because there is no API token; only what needs no server was looked at.",
            "服务在运行，但因缺少 API 令牌而未询问，仅执行了无需服务的检查。", "Set the environment variable MENJIN_TOKEN, or name a file by --token-file. The role auditor suffices.";
        /// No write within seconds.
        DatabaseUnwritable = "DR-110", 200, "The database does not take writes.",
            "数据库无法写入。", "Look at the database server or the file of database.url: is it there, reachable, writable, and is its disk not full?";
        /// The disk of the SQLite file.
        DiskLow = "DR-111", 200, "The disk of the database is nearly full.",
            "数据库所在磁盘空间不足。", "Make room, or move the file. The bound is database.free_megabytes. When the disk is full nobody can sign in.";
        /// Somebody else holds a lock or a transaction.
        DatabaseLocked = "DR-112", 200, "Another connection keeps the database from being written to.",
            "其他连接长时间占用数据库锁。", "End the session that is named (pg_terminate_backend), or the program that opened it.";
        /// The schema is older than the program.
        MigrationsPending = "DR-115", 200, "The schema of the database is older than this version of Menjin.",
            "数据库结构旧于当前门禁版本。", "Start Menjin, or run: menjin migrate. Servers bring the schema up to date when they start.";
        /// The schema is newer than the program.
        SchemaNewer = "DR-116", 200, "The schema of the database is newer than this version of Menjin.",
            "数据库结构新于当前门禁版本。", "Run the version that changed the schema on every replica; an older one must not serve beside it.";
        /// No write to the ephemeral store within seconds.
        EphemeralUnwritable = "DR-120", 200, "Redis does not take writes, so nobody can sign in.",
            "Redis 无法写入，用户无法登录。", "Look at Redis and at ephemeral.url: is it running, reachable, not a replica, and is its memory or disk not full?";
        /// An evicting policy.
        RedisEvicts = "DR-121", 200, "Redis may throw away what Menjin keeps in it when its memory is full.",
            "Redis 内存不足时可能淘汰门禁的数据。", "Set maxmemory-policy noeviction. Menjin bounds what it keeps by itself (ephemeral.unproven_megabytes); evicted codes and leases break sign-ins and syncs.";
        /// Our clock differs from another's.
        ClockOff = "DR-130", 200, "The clock of this server is off.",
            "服务器时钟不准。", "Set the clock by NTP (for example: systemctl enable --now systemd-timesyncd), here and on the other machine that is named. Tokens, callbacks and sessions go by it.";
        /// An algorithm without an active key.
        KeyMissing = "DR-140", 200, "There is no signing key for an algorithm that portals may use.",
            "某签名算法没有可用的签名密钥。", "Restart Menjin, which makes keys that are missing; if it does not, run: menjin keys rotate.";
        /// An active key that should have a successor.
        KeyOverdue = "DR-141", 200, "A signing key is about to expire and has no successor.",
            "签名密钥即将到期且没有后继密钥。", "Menjin makes successors by itself while it runs; the log says why it did not. By hand: menjin keys rotate.";
        /// The file is not there, or not readable.
        SealKeyUnreadable = "DR-150", 200, "The file of the seal key cannot be read, so Menjin will not start again.",
            "封装密钥文件无法读取，门禁将无法再次启动。", "Restore the file of seal.key_file from its backup before anything is restarted. While Menjin runs it still holds the key, but nobody can read it out.";
        /// The file has another key than the one in use.
        SealKeyOther = "DR-151", 200, "The file of the seal key holds another key than the one in use.",
            "封装密钥文件中的密钥与正在使用的不一致。", "Put the right key back from its backup before Menjin is restarted: with another one no secret can be read.";
        /// Others may read the file.
        SealKeyWide = "DR-152", 200, "Others than its owner may read the file of the seal key.",
            "封装密钥文件的权限过宽。", "chmod 600 the file.";
        /// Nothing answers at public_url.
        PublicUrlUnreachable = "DR-160", 200, "Menjin does not reach itself at its public URL. It may only be unreachable from here.",
            "从本服务器无法访问 public_url（也可能仅从本机无法访问）。", "Open public_url in a browser. If that works, it is unreachable from this machine alone (DNS, or a router that does not lead back inside), and portals on this machine would not reach it either.";
        /// Something else answers there.
        PublicUrlForeign = "DR-161", 200, "What answers at the public URL is not this Menjin.",
            "public_url 处响应的不是本门禁实例。", "Correct server.public_url, or let the proxy hand every path on to Menjin.";
        /// Its certificate is not trusted.
        PublicUrlUntrusted = "DR-162", 200, "The certificate of the public URL is not trusted.",
            "public_url 的证书不受信任。", "Renew or correct the certificate of the proxy (expired, wrong name, intermediate certificate missing). If it is of the company's own CA, name that CA in outbound.ca_file.";
        /// WeCom would not find the file.
        VerificationFileMissing = "DR-165", 200, "A verification file of WeCom is not found at the public URL.",
            "在 public_url 处找不到企业微信的域名校验文件。", "Let the proxy hand /WW_verify_*.txt on to Menjin, or serve the file there yourself. WeCom does not trust the domain without it.";
        /// The proxy's address is not among the trusted.
        ProxyUnknown = "DR-170", 200, "Requests from outside come from an address that server.trusted_proxies does not name.",
            "来自外部的请求经由未列入 server.trusted_proxies 的地址。", "Add the address that was seen to server.trusted_proxies; until then everybody behind it counts as one address.";
        /// The proxy does not say for whom it asks.
        ProxySilent = "DR-171", 200, "The proxy does not say for whom it asks, so everybody behind it counts as one address.",
            "代理未传递客户端地址（X-Forwarded-For）。", "Let the proxy append X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for).";
        /// Our question did not come back as we answer it.
        ProxyHides = "DR-172", 200, "The proxy does not hand every path on to Menjin, so how requests arrive could not be seen.",
            "代理未将全部路径转发给门禁，无法得知请求如何到达。", "Let the proxy hand every path below public_url on to Menjin.";
        /// WeCom never verified it.
        CallbackUnverified = "DR-180", 200, "A callback was made here, but WeCom has not verified it, so no event arrives.",
            "回调已创建，但企业微信尚未完成验证，无法接收事件。", "Enter URL, Token and EncodingAESKey in the WeCom console and save there; if they are lost, create the callback again.";
        /// Two intervals without a complete sync.
        SyncOverdue = "DR-190", 200, "The contacts were not synced completely for more than two intervals.",
            "通讯录已超过两个同步周期未完整同步。", "Look at the last runs of the data source, and whether the server runs its jobs; start a sync by hand.";
        /// Never.
        NeverSynced = "DR-191", 200, "The contacts have never been synced completely.",
            "通讯录从未完整同步过。", "Start a sync and look at its findings: menjin sync plan, then apply.";
        /// Waits for an admin.
        SyncPaused = "DR-192", 200, "The last sync waits for an admin.",
            "最近一次同步等待管理员确认。", "Look at the rows of the run that is named, then confirm it (menjin sync apply --plan RUN), or mend in WeCom what was wrong.";
        /// Failed or incomplete for a reason without a number of its own.
        SyncFailed = "DR-193", 200, "The last sync did not succeed.",
            "最近一次同步未成功。", "Look at the findings of the run that is named.";
        /// Nobody works on a queue.
        QueueStuck = "DR-200", 200, "What is due is not done.",
            "到期的任务未被处理。", "A server must run its jobs: is one running, and does its log tell of failures?";
        /// Nothing answers at the address.
        LogoutUnreachable = "DR-210", 200, "A portal cannot be told of logouts: its address does not answer.",
            "无法访问某应用的后端注销地址。", "Correct metadata.backchannel_logout_uri of the client, or mend its server. OB-102: name its network in outbound.allow; OB-180: its CA in outbound.ca_file.";
        /// Given up.
        LogoutsFailed = "DR-211", 200, "A portal was not told of logouts: it refused them.",
            "某应用拒绝了注销通知。", "See the deliveries (GET /api/v1/logout-deliveries?client_id=ID&state=failed): last_status and last_error say what the portal answered.";
        /// People whom no sync confirms.
        MembersUnconfirmed = "DR-220", 200, "Members with access were not confirmed by WeCom, though their contacts were synced.",
            "部分有访问权限的成员长时间未得到企业微信确认。", "Look at these members (checked_at) and at the findings of the last run: WeCom shows them in part or not at all.";
    }
}
