//! What the doctor finds besides what resources and syncs say of themselves (`DR-…`). Status 200: nobody is answered with them.

use crate::catalogue;

catalogue! {
    /// Findings of the doctor.
    pub enum DoctorFinding {
        /// A check failed, or did not end in time.
        CheckFailed = "DR-100", 200, "A check of the doctor could not be made.",
            "有一项检查未能完成。", "What was seen says why. Run the check again; if it fails again while nothing else is wrong, report it.", "“所见”说明了原因。请重新运行该检查；如果没有其他问题而仍然失败，请报告此问题。";
        /// The command line could not load the configuration.
        ConfigurationInvalid = "DR-101", 200, "The configuration is not valid, so Menjin does not start.",
            "配置无效，门禁无法启动。", "Correct the setting that is named; config/default.toml explains each.", "请改正所列的配置项；config/default.toml中有各项的说明。";
        /// https without trusted proxies.
        ProxiesUnnamed = "DR-102", 200, "public_url is https, but no proxy is trusted, so everybody behind the proxy counts as one address.",
            "public_url 为 https，但未配置可信代理，代理后的所有人会被视为同一地址。",
            "Name the TLS proxy in server.trusted_proxies, and let it append X-Forwarded-For: one visitor can use up the rate limits of all.",
            "请在server.trusted_proxies中填写TLS代理的地址，并让代理附加X-Forwarded-For：否则一个访问者就能用尽所有人的频率限额。";
        /// The command line was not answered.
        NoServer = "DR-103", 200, "No server answers at server.listen, so nobody can sign in here.",
            "server.listen 处没有服务应答，此处无人可以登录。", "Start Menjin; if it is started and does not stay up, its log says why. If it runs elsewhere, ask it by --server.",
            "请启动门禁；如果启动后又退出，日志中有原因。如果服务运行在别处，请用--server指定。";
        /// The command line had no token for the server.
        ServerNotAsked = "DR-104", 200, "A server answers, but it was not asked, because there is no API token; only what needs no server was looked at.",
            "服务在运行，但因缺少 API 令牌而未询问，仅执行了无需服务的检查。", "Set the environment variable MENJIN_TOKEN, or name a file by --token-file. The role auditor suffices.",
            "请设置环境变量MENJIN_TOKEN，或用--token-file指定文件。角色auditor即可。";
        /// No write within seconds.
        DatabaseUnwritable = "DR-110", 200, "The database does not take writes.",
            "数据库无法写入。", "Look at the database server or the file of database.url: is it there, reachable, writable, and is its disk not full?", "请检查数据库服务器或database.url所指的文件：是否存在、可访问、可写，磁盘是否已满。";
        /// The disk of the SQLite file.
        DiskLow = "DR-111", 200, "The disk of the database is nearly full.",
            "数据库所在磁盘空间不足。", "Make room, or move the file. The bound is database.free_megabytes. When the disk is full nobody can sign in.", "请清理空间，或移动该文件。下限由database.free_megabytes设定。磁盘写满后无人能登录。";
        /// Somebody else holds a lock or a transaction.
        DatabaseLocked = "DR-112", 200, "Another connection keeps the database from being written to.",
            "其他连接长时间占用数据库锁。", "End the session that is named (pg_terminate_backend), or the program that opened it.", "请结束所列的会话（pg_terminate_backend），或结束打开它的程序。";
        /// The schema is older than the program.
        MigrationsPending = "DR-115", 200, "The schema of the database is older than this version of Menjin.",
            "数据库结构旧于当前门禁版本。", "Start Menjin, or run: menjin migrate. Servers bring the schema up to date when they start.", "请启动门禁，或运行menjin migrate。服务启动时会自动更新数据库结构。";
        /// The schema is newer than the program.
        SchemaNewer = "DR-116", 200, "The schema of the database is newer than this version of Menjin.",
            "数据库结构新于当前门禁版本。", "Run the version that changed the schema on every replica; an older one must not serve beside it.", "请在所有副本上运行更改过数据库结构的版本；旧版本不得与其同时提供服务。";
        /// No write to the ephemeral store within seconds.
        EphemeralUnwritable = "DR-120", 200, "Redis does not take writes, so nobody can sign in.",
            "Redis 无法写入，用户无法登录。", "Look at Redis and at ephemeral.url: is it running, reachable, not a replica, and is its memory or disk not full?",
            "请检查Redis和ephemeral.url：是否在运行、可访问、不是从节点，内存或磁盘是否已满。";
        /// An evicting policy.
        RedisEvicts = "DR-121", 200, "Redis may throw away what Menjin keeps in it when its memory is full.",
            "Redis 内存不足时可能淘汰门禁的数据。", "Set maxmemory-policy noeviction. Menjin bounds what it keeps by itself (ephemeral.unproven_megabytes); evicted codes and leases break sign-ins and syncs.",
            "请将maxmemory-policy设为noeviction。门禁会自行限制所存的数据量（ephemeral.unproven_megabytes）；代码和租约被淘汰会使登录和同步出错。";
        /// Our clock differs from another's.
        ClockOff = "DR-130", 200, "The clock of this server is off.",
            "服务器时钟不准。", "Set the clock by NTP (for example: systemctl enable --now systemd-timesyncd), here and on the other machine that is named. Tokens, callbacks and sessions go by it.",
            "请在本机和所列的另一台机器上用NTP校准时钟（例如systemctl enable --now systemd-timesyncd）。令牌、回调和会话均以时钟为准。";
        /// An algorithm without an active key.
        KeyMissing = "DR-140", 200, "There is no signing key for an algorithm that portals may use.",
            "某签名算法没有可用的签名密钥。", "Restart Menjin, which makes keys that are missing; if it does not, run: menjin keys rotate.", "请重新启动门禁，缺少的密钥会自动生成；如仍缺少，请运行menjin keys rotate。";
        /// An active key that should have a successor.
        KeyOverdue = "DR-141", 200, "A signing key is about to expire and has no successor.",
            "签名密钥即将到期且没有后继密钥。", "Menjin makes successors by itself while it runs; the log says why it did not. By hand: menjin keys rotate.", "门禁运行时会自动生成后继密钥；日志中有未能生成的原因。也可手动运行menjin keys rotate。";
        /// The file is not there, or not readable.
        SealKeyUnreadable = "DR-150", 200, "The file of the seal key cannot be read, so Menjin will not start again.",
            "封存密钥文件无法读取，门禁将无法再次启动。", "Restore the file of seal.key_file from its backup before anything is restarted. While Menjin runs it still holds the key, but nobody can read it out.",
            "在重新启动任何服务之前，请从备份恢复seal.key_file所指的文件。门禁运行期间仍持有该密钥，但任何人都无法将其读出。";
        /// The file has another key than the one in use.
        SealKeyOther = "DR-151", 200, "The file of the seal key holds another key than the one in use.",
            "封存密钥文件中的密钥与正在使用的不一致。", "Put the right key back from its backup before Menjin is restarted: with another one no secret can be read.", "在重新启动门禁之前，请从备份恢复正确的密钥：用其他密钥无法读取任何机密。";
        /// Others may read the file.
        SealKeyWide = "DR-152", 200, "Others than its owner may read the file of the seal key.",
            "封存密钥文件的权限过宽。", "chmod 600 the file.", "请对该文件运行chmod 600。";
        /// Nothing answers at public_url.
        PublicUrlUnreachable = "DR-160", 200, "Menjin does not reach itself at its public URL. It may only be unreachable from here.",
            "从本服务器无法访问 public_url（也可能仅从本机无法访问）。", "Open public_url in a browser. If that works, it is unreachable from this machine alone (DNS, or a router that does not lead back inside), and portals on this machine would not reach it either.",
            "请在浏览器中打开public_url。如果能打开，则只是本机无法访问（DNS问题，或路由器不支持从内部回访），本机上的门户也同样无法访问。";
        /// Something else answers there.
        PublicUrlForeign = "DR-161", 200, "What answers at the public URL is not this Menjin.",
            "public_url 处响应的不是本门禁实例。", "Correct server.public_url, or let the proxy hand every path on to Menjin.", "请改正server.public_url，或让代理将所有路径转发给门禁。";
        /// Its certificate is not trusted.
        PublicUrlUntrusted = "DR-162", 200, "The certificate of the public URL is not trusted.",
            "public_url 的证书不受信任。", "Renew or correct the certificate of the proxy (expired, wrong name, intermediate certificate missing). If it is of the company's own CA, name that CA in outbound.ca_file.",
            "请更换或改正代理的证书（已过期、名称不符或缺少中间证书）。如果证书由企业自己的CA签发，请在outbound.ca_file中指定该CA。";
        /// WeCom would not find the file.
        VerificationFileMissing = "DR-165", 200, "A verification file of WeCom is not found at the public URL.",
            "在 public_url 处找不到企业微信的域名校验文件。", "Let the proxy hand /WW_verify_*.txt on to Menjin, or serve the file there yourself. WeCom does not trust the domain without it.",
            "请让代理将/WW_verify_*.txt转发给门禁，或自行在该地址提供此文件。没有它，企业微信不信任该域名。";
        /// The proxy's address is not among the trusted.
        ProxyUnknown = "DR-170", 200, "Requests from outside come from an address that server.trusted_proxies does not name.",
            "来自外部的请求经由未列入 server.trusted_proxies 的地址。", "Add the address that was seen to server.trusted_proxies; until then everybody behind it counts as one address.",
            "请将所见的地址加入server.trusted_proxies；在此之前，其后的所有人都被视为同一地址。";
        /// The proxy does not say for whom it asks.
        ProxySilent = "DR-171", 200, "The proxy does not say for whom it asks, so everybody behind it counts as one address.",
            "代理未传递客户端地址（X-Forwarded-For）。", "Let the proxy append X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for).",
            "请让代理附加X-Forwarded-For（nginx：proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for）。";
        /// Our question did not come back as we answer it.
        ProxyHides = "DR-172", 200, "The proxy does not hand every path on to Menjin, so how requests arrive could not be seen.",
            "代理未将全部路径转发给门禁，无法得知请求如何到达。", "Let the proxy hand every path below public_url on to Menjin.", "请让代理将public_url下的所有路径转发给门禁。";
        /// Passkeys were set up, and browsers have none at this address.
        PasskeysOff = "DR-174", 200, "Passkeys were set up that do not work at this public_url.",
            "已设置的部分通行密钥在当前 public_url 下无法使用。", "Passkeys need https and a domain name, and work at that name alone. Set server.public_url to the name they were set up at; else their owners sign in another way and remove them.",
            "通行密钥需要https和域名，且只在该域名下有效。请将server.public_url设为设置通行密钥时的域名；否则其拥有者须以其他方式登录并移除通行密钥。";
        /// WeCom never verified it.
        CallbackUnverified = "DR-180", 200, "A callback was made here, but WeCom has not verified it, so no event arrives.",
            "回调已创建，但企业微信尚未完成验证，无法接收事件。", "Enter URL, Token and EncodingAESKey in the WeCom console and save there; if they are lost, create the callback again.",
            "请在企业微信管理后台填入URL、Token和EncodingAESKey并保存；如已丢失，请重新创建回调。";
        /// Two intervals without a complete sync.
        SyncOverdue = "DR-190", 200, "The contacts were not synced completely for more than two intervals.",
            "通讯录已超过两个同步周期未完整同步。", "Look at the last runs of the data source, and whether the server runs its jobs; start a sync by hand.", "请查看该数据源最近的同步记录，以及服务是否在运行后台任务；并手动发起同步。";
        /// Never.
        NeverSynced = "DR-191", 200, "The contacts have never been synced completely.",
            "通讯录从未完整同步过。", "Start a sync and look at its findings: menjin sync plan, then apply.", "请发起同步并查看其发现的问题：先运行menjin sync plan，再应用。";
        /// Waits for an admin.
        SyncPaused = "DR-192", 200, "The last sync waits for an admin.",
            "最近一次同步等待管理员确认。", "Look at the rows of the run that is named, then confirm it (menjin sync apply --plan RUN), or mend in WeCom what was wrong.",
            "请查看所列同步的各行，然后确认（menjin sync apply --plan RUN），或在企业微信中改正问题。";
        /// Failed or incomplete for a reason without a number of its own.
        SyncFailed = "DR-193", 200, "The last sync did not succeed.",
            "最近一次同步未成功。", "Look at the findings of the run that is named.", "请查看所列同步中发现的问题。";
        /// Nobody works on a queue.
        QueueStuck = "DR-200", 200, "What is due is not done.",
            "到期的任务未被处理。", "A server must run its jobs: is one running, and does its log tell of failures?", "须有一个服务运行后台任务：是否有服务在运行，其日志中是否有失败记录？";
        /// Nothing answers at the address.
        LogoutUnreachable = "DR-210", 200, "A portal cannot be told of logouts: its address does not answer.",
            "无法访问某门户的后端登出地址。", "Correct metadata.backchannel_logout_uri of the client, or mend its server. OB-102: name its network in outbound.allow; OB-180: its CA in outbound.ca_file.",
            "请改正该门户的metadata.backchannel_logout_uri，或修复其服务器。OB-102：请将其网络加入outbound.allow；OB-180：请在outbound.ca_file中指定其CA。";
        /// Given up.
        LogoutsFailed = "DR-211", 200, "A portal was not told of logouts: it refused them.",
            "某门户拒绝了登出通知。", "See the deliveries (GET /api/v1/logout-deliveries?client_id=ID&state=failed): last_status and last_error say what the portal answered.",
            "请查看登出通知（GET /api/v1/logout-deliveries?client_id=ID&state=failed）：last_status和last_error是门户的应答。";
        /// Tried for an hour, and not accepted.
        LogoutsLate = "DR-217", 200, "A portal has not been told of logouts for more than an hour: its server answers, but does not accept them.",
            "某门户超过一小时未收到登出通知：其服务器有应答，但未接受。",
            "Who signed out, or lost their access, may still be signed in there. See the deliveries (GET /api/v1/logout-deliveries?client_id=ID&state=pending): last_status and last_error say what the portal answered. They are tried again for a day.",
            "已登出或已失去访问权限的人可能仍在该门户中处于登录状态。请查看登出通知（GET /api/v1/logout-deliveries?client_id=ID&state=pending）：last_status和last_error是门户的应答。通知会重试一天。";
        /// Who left hears of who comes.
        ToldAfterLeaving = "DR-215", 200, "Somebody whose access ended is still told of notices.",
            "访问权限已终止的人仍会收到通知。", "Delete the subscription of that address, or give it to whoever took over: what Menjin tells has names and reasons in it.",
            "请删除该地址的订阅，或改为接手者的地址：通知中含有姓名和申请理由。";
        /// Who asks waits for nobody.
        RequestsUnheard = "DR-216", 200, "Access requests are taken, but nobody who may decide is told of them.",
            "已开放访问申请，但没有可审批的人会收到通知。", "Subscribe somebody who may decide to access_requested: a named approver of the data source, or somebody with the console role operator or more. Until then whoever asks waits until somebody looks into the console.",
            "请为可审批的人（该数据源的审批人，或具有控制台角色operator及以上的人）订阅access_requested。在此之前，申请只能等人在控制台中查看。";
        /// People whom no sync confirms.
        MembersUnconfirmed = "DR-220", 200, "Members with access were not confirmed by WeCom, though their contacts were synced.",
            "部分有访问权限的成员长时间未得到企业微信确认。", "Look at these members (checked_at) and at the findings of the last run: WeCom shows them in part or not at all.",
            "请查看这些成员（checked_at）和最近一次同步发现的问题：企业微信只显示其部分信息，或完全不显示。";
    }
}
