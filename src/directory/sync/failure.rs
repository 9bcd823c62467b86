//! Failures and findings of a sync. The numbers appear in `sync_run.findings` as well.

use crate::catalogue;

catalogue! {
    /// Failures and findings of syncing a data source.
    pub enum SyncFailure {
        /// Another replica or request holds the lease.
        AlreadyRunning = "SY-101", 409, "This data source is being synchronised right now.",
            "该数据源正在同步中。", "Wait until the running sync has finished; its progress is shown on the data source's page.", "请等待正在进行的同步完成；进度显示在该数据源的页面上。";
        /// Neither a contacts-sync secret nor an app.
        NoCredentials = "SY-102", 422, "This data source has no WeCom secret to read contacts with.",
            "该数据源没有可用于读取通讯录的企业微信 Secret。", "Enter the contacts-sync secret, or choose the integration app and enter its secret.", "请填写通讯录同步Secret，或选择集成应用并填写其Secret。";
        /// Disabled by an admin.
        SourceDisabled = "SY-103", 409, "This data source is disabled.",
            "该数据源已停用。", "Enable the data source, then synchronise again.", "请启用该数据源，然后重新同步。";
        /// More members would be removed than the threshold allows.
        RemovalsPaused = "SY-104", 409, "The sync is paused because it would remove unusually many members.",
            "同步已暂停：将被移除的成员数量异常多。", "Check the app's visible scope in WeCom. If the removals are meant, confirm the run; nothing was changed so far.", "请在企业微信中检查应用的可见范围。如果确实要移除，请确认此次同步；目前尚未更改任何内容。";
        /// Some call failed, so absence proves nothing.
        FetchIncomplete = "SY-105", 502, "WeCom could not be read completely; nobody was removed.",
            "未能完整读取企业微信数据，本次不移除任何成员。", "See which call failed and why; synchronise again once it is mended.", "请查看哪个调用失败及其原因；解决后重新同步。";
        /// 48009.
        DetailsForbidden = "SY-106", 502, "WeCom gives the contacts-sync secret only IDs, no names or other details (48009).",
            "企业微信仅向通讯录同步 Secret 返回成员 ID，不返回姓名等详情（48009）。",
            "Add a self-built app whose visible scope is the root department and enter its secret as the integration app.", "请添加可见范围为根部门的自建应用，并将其Secret填为集成应用的Secret。";
        /// 48002.
        WrongSecretKind = "SY-107", 422, "WeCom forbids this call for this kind of secret (48002).",
            "该类型的 Secret 无权调用此接口（48002）。",
            "Check that the contacts-sync secret comes from Management Tools - Contacts Sync, and the app secret from the app's own page.", "请确认通讯录同步Secret来自“管理工具→通讯录同步”，应用Secret来自该应用自己的页面。";
        /// Not one member.
        NothingVisible = "SY-108", 502, "WeCom shows no member at all; nobody was removed.",
            "企业微信未返回任何成员，本次不移除任何成员。", "Open the app in the WeCom console and choose departments or members in its visible scope.", "请在企业微信管理后台打开该应用，在其可见范围中选择部门或成员。";
        /// The process or the lease died.
        Interrupted = "SY-109", 503, "The sync was interrupted.",
            "同步被中断。", "Synchronise again; it continues with what is left to do.", "请重新同步；会接着处理剩余部分。";
        /// No such run.
        UnknownRun = "SY-110", 404, "There is no such sync run.",
            "同步记录不存在。", "List the runs of the data source to see which exist.", "请列出该数据源的同步记录，查看现有的记录。";
        /// No such data source.
        UnknownDataSource = "SY-111", 404, "There is no such data source.",
            "数据源不存在。", "List the data sources to see which exist.", "请列出数据源，查看现有的数据源。";
        /// 45009, 45033.
        Throttled = "SY-112", 503, "WeCom limits how often it may be asked; the sync stopped early.",
            "企业微信接口调用频率受限，同步提前停止。", "Wait for the window to pass (a minute, an hour or a day), then synchronise again.", "请等待限制期结束（一分钟、一小时或一天），然后重新同步。";
        /// 60020.
        AddressNotTrusted = "SY-113", 502, "WeCom does not trust the address that Menjin calls from (60020).",
            "门禁的出口 IP 不在企业可信 IP 中（60020）。", "Add the address named in the detail to the app's trusted IPs (企业可信IP) and wait a minute.", "请将详情所列的地址加入该应用的企业可信IP，并等待一分钟。";
        /// 40001, 40013, 40091, 42001 …
        SecretRefused = "SY-114", 422, "WeCom refuses the corp ID or the secret.",
            "企业微信拒绝了企业 ID 或 Secret。", "Copy corp ID and secret again from the WeCom console; a reset secret makes the old one useless.", "请从企业微信管理后台重新复制企业ID和Secret；重置Secret后，旧的即失效。";
        /// The app's corp ID differs.
        AppOfOtherCorp = "SY-115", 422, "The integration app belongs to another corp than the data source.",
            "集成应用与数据源不属于同一企业。", "Choose an app with the same corp ID as the data source.", "请选择与数据源企业ID相同的应用。";
        /// `close` = 1, 50003, 60031; 48006: switched off by WeCom because nobody used it.
        AppClosed = "SY-116", 409, "The integration app is disabled in WeCom.",
            "集成应用在企业微信中已被停用。", "Enable the app in the WeCom console.", "请在企业微信管理后台启用该应用。";
        /// Both secrets, but the app does not see everybody.
        IdsOnly = "SY-117", 200, "Some members lie outside the app's visible scope, so only their IDs are known.",
            "部分成员不在应用可见范围内，仅能获得其成员 ID。", "Make the root department the app's visible scope if names are wanted for all.", "如需所有人的姓名，请将应用的可见范围设为根部门。";
        /// Only a paused or planned run can be confirmed.
        NotPaused = "SY-118", 409, "Only a paused or planned sync can be confirmed.",
            "只有已暂停或仅计划的同步可以确认。", "Look at the run's state; somebody may have confirmed it already.", "请查看该次同步的状态；可能已有人确认。";
        /// A malformed row without even a userid may be anybody.
        NamelessRows = "SY-119", 502, "WeCom sent member rows without a readable userid; whoever is missing may be behind one of them.",
            "企业微信返回了无法识别 userid 的成员数据，缺失的成员可能就在其中。", "Look at the malformed rows of the run and report them to WeCom if they stay. Who is missing is looked up one by one, and removed only if the app does not show them.", "请查看该次同步中无法读取的各行；如持续出现，请向企业微信反馈。缺失的成员会逐个查询，仅在应用也查不到时移除。";
        /// Texts that were cleaned, values that were left out.
        ValuesAdjusted = "SY-130", 200, "Some members hold values in WeCom that cannot be used as they are; those were left out or cleaned.",
            "部分成员在企业微信中的资料无法原样使用，已忽略或清理这些字段。", "The run's rows (adjusted) say which fields of the members in the detail; correct them in the WeCom console. The members themselves were imported.",
            "该次同步中“已调整”（adjusted）的各行列出了详情所列成员的相关字段；请在企业微信管理后台改正。这些成员本身已导入。";
        /// Departments whose names the secrets do not see.
        NamesWithheld = "SY-131", 200, "WeCom gives the names of some departments to none of the secrets; groups by name leave them out.",
            "企业微信未向任何 Secret 返回部分部门的名称，按名称的分组将不含这些部门。", "Make the root department the app's visible scope if names are wanted for all departments.", "如需所有部门的名称，请将应用的可见范围设为根部门。";
        /// 40056, 301002.
        AgentWrong = "SY-132", 422, "The AgentId does not belong to the app's secret.",
            "AgentId 与应用的 Secret 不属于同一应用。", "Copy AgentId and secret again from the same app's page in the WeCom console.", "请从企业微信管理后台同一应用的页面重新复制AgentId和Secret。";
        /// Rows of lists that were skipped.
        RowsSkipped = "SY-133", 200, "WeCom sent rows that cannot be read; they were skipped, and what was known of them stays.",
            "企业微信返回了部分无法识别的数据行，已跳过，其原有数据保持不变。", "See which rows the detail names, and report them to WeCom if they stay.", "请查看详情所列的各行；如持续出现，请向企业微信反馈。";
        /// A list that does not decide who is there could not be read.
        ListsMissing = "SY-134", 502, "Some lists could not be read from WeCom; what rests on them stayed as it was.",
            "部分列表未能从企业微信读取，依赖这些列表的数据保持不变。", "See which call failed and why; synchronise again once it is mended.", "请查看哪个调用失败及其原因；解决后重新同步。";
        /// 60011, 81011, 48001 … of a list.
        ListsWithheld = "SY-135", 200, "WeCom does not show some lists to this secret; what rests on them stayed as it was.",
            "企业微信不向该 Secret 提供部分列表，依赖这些列表的数据保持不变。",
            "Nothing needs mending where the app is not meant to see them; else widen the app's visible scope in the WeCom console. Who is missing was looked up one by one.",
            "如果该应用本不应看到这些列表，则无需处理；否则请在企业微信管理后台扩大应用的可见范围。缺失的成员已逐个查询。";
        /// 40084, 48003, 48004.
        NotInstalled = "SY-159", 502, "The company no longer authorises the app of the service provider.",
            "该企业已不再授权服务商应用。",
            "Somebody deleted the app in the company's WeCom, or its permanent code was replaced: have the company install it again.",
            "该企业已在企业微信中删除此应用，或其永久授权码已更换：请让该企业重新安装应用。";
        /// 40085.
        NoSuiteTicket = "SY-160", 502, "The service provider's app has no ticket that is still good.",
            "该服务商应用没有有效的 suite_ticket。",
            "See the page of the app under WeCom: a ticket comes every ten minutes to its command callback and serves for 30 minutes.",
            "请查看“企业微信”下该应用的页面：suite_ticket每十分钟推送到指令回调URL，有效期30分钟。";
        /// A provider switched between plain and encrypted userids, and nothing tells who is who.
        OtherIds = "SY-170", 409, "The sync is paused: WeCom tells this service provider the members by IDs of another kind than before, and nothing that says who is who.",
            "同步已暂停：企业微信向该服务商返回的成员 ID 类型与之前不同（明文或加密），且没有可以对应成员的信息。",
            "See in the provider console whether the upgrade of IDs (加密与明文userid) was meant. Where WeCom sends open_userid again, everybody is found by it; confirm this run only if they are truly other people: all accounts begin anew then.",
            "请在服务商管理后台确认是否有意进行ID升级（明文与加密userid）。企业微信恢复返回open_userid后即可据此对应每个人；仅当确实是另一批人时才确认此次同步：届时所有账号将重新开始。";
        /// Other codes an admin must mend.
        NotPermitted = "SY-136", 502, "WeCom does not permit this to the app.",
            "企业微信未授权该应用执行此操作。",
            "Look up the WeCom code of the detail at https://open.work.weixin.qq.com/devtool/query and grant the permission in the WeCom console.",
            "请在https://open.work.weixin.qq.com/devtool/query查询详情中的企业微信错误码，并在企业微信管理后台授予相应权限。";
        /// No row that was written, or none that is left to undo.
        NothingToUndo = "SY-137", 409, "There is nothing of this run that could be taken back.",
            "该次同步没有可撤销的内容。", "A run that wrote nothing, was taken back already, or whose journal is no longer kept (90 days) cannot be taken back.", "未写入任何内容、已经撤销，或变更日志已不再保留（90天）的同步不能撤销。";
        /// An undo has a journal of its own, but it is not taken back.
        UndoOfUndo = "SY-138", 409, "An undo cannot be taken back itself.",
            "撤销操作本身不能再被撤销。", "Start a sync: it writes again what WeCom shows.", "请发起同步：会重新写入企业微信显示的内容。";
        /// The next run by itself would do the same again.
        PausedAfterUndo = "SY-139", 409, "The sync is paused because a run before it was taken back, and it might do the same again.",
            "同步已暂停：先前的一次同步已被撤销，本次可能会再次执行相同更改。",
            "Mend in WeCom what was wrong, then confirm this run or start one by hand; nothing was changed so far.", "请先在企业微信中改正问题，然后确认此次同步或手动发起同步；目前尚未更改任何内容。";
        /// Rows that something has changed since.
        UndoneInPart = "SY-140", 409, "Some rows were not taken back, because something changed since.",
            "部分更改因后续已有变动而未被撤销。", "The refused rows say what changed since; put right by hand what is still wrong.", "“保持不变”（refused）的各行说明了此后的变化；如仍有错误，请手动改正。";
        /// More would depart than `guard.departures` allows.
        DeparturesPaused = "SY-147", 409, "The sync would let more members depart than the guard allows; it applies nothing unasked.",
            "离职成员数超出保护阈值，未经确认不会执行。", "Look at the run's rows (departed) and at the visible scope in WeCom. If they are meant, confirm the run, or raise guard.departures of the data source.",
            "请查看该次同步中“离职”（departed）的各行和企业微信中的可见范围。如果确实如此，请确认此次同步，或调高数据源的guard.departures。";
        /// More would be outside than `guard.outside` allows.
        OutsidePaused = "SY-148", 409, "The sync would put more members outside than the guard allows; it applies nothing unasked.",
            "将失去访问权限的在职成员数超出保护阈值，未经确认不会执行。", "Look at the run's rows (outside) and at the visible scope in WeCom. If they are meant, confirm the run, or raise guard.outside of the data source.",
            "请查看该次同步中“失去访问”（outside）的各行和企业微信中的可见范围。如果确实如此，请确认此次同步，或调高数据源的guard.outside。";
        /// More would be taken over than `guard.overwrites` allows.
        OverwritesPaused = "SY-149", 409, "The sync would take over more users made here than the guard allows; it applies nothing unasked.",
            "将被覆盖的本地用户数超出保护阈值，未经确认不会执行。", "Look at the run's rows. If the users are the members' own, confirm the run, or raise guard.overwrites of the data source; else set its duplicate_rule to skip.",
            "请查看该次同步的各行。如果这些用户确为成员本人，请确认此次同步，或调高数据源的guard.overwrites；否则请将其duplicate_rule设为skip。";
        /// All places of those who watch runs are taken.
        TooManyWatchers = "SY-150", 503, "Too many clients watch the progress of syncs right now.",
            "当前查看同步进度的客户端过多。", "Read the run itself every few seconds instead, or try again later.", "请改为每隔几秒读取该次同步，或稍后重试。";
        /// 48001, 48002, 48008, 48009 … of `export/*`.
        ExportRefused = "SY-151", 502, "WeCom does not let this secret export the contacts; nobody was removed.",
            "企业微信不允许该 Secret 异步导出通讯录，本次不移除任何成员。", "Set the data source's read_by back to lists.", "请将该数据源的read_by改回lists。";
        /// Status 3.
        ExportFailed = "SY-152", 502, "WeCom failed at exporting the contacts; what rests on them stayed as it was.",
            "企业微信异步导出通讯录失败，依赖这些数据的内容保持不变。", "Synchronise again; if it stays so, set the data source's read_by back to lists.", "请重新同步；如持续如此，请将该数据源的read_by改回lists。";
        /// Still queued or running.
        ExportLate = "SY-153", 502, "WeCom did not finish exporting the contacts in time; what rests on them stayed as it was.",
            "企业微信未能按时完成通讯录异步导出，依赖这些数据的内容保持不变。", "It was waited for half an hour. Synchronise again later; if it stays so, set the data source's read_by back to lists.",
            "已等待半小时。请稍后重新同步；如持续如此，请将该数据源的read_by改回lists。";
        /// Size or MD5.
        ExportDamaged = "SY-154", 502, "An exported file arrived cut or changed; what rests on it stayed as it was.",
            "导出文件在传输中损坏（大小或 MD5 不符），依赖该文件的数据保持不变。", "Synchronise again; if it stays so, look for a proxy that changes downloads, or set the data source's read_by back to lists.",
            "请重新同步；如持续如此，请检查是否有代理改动了下载内容，或将该数据源的read_by改回lists。";
        /// Not decryptable, no JSON, another shape.
        ExportUnreadable = "SY-155", 502, "An export of WeCom is not what is known of its form; what rests on it stayed as it was.",
            "企业微信导出的内容与已知格式不符，依赖这些数据的内容保持不变。", "Set the data source's read_by back to lists, and report the detail.", "请将该数据源的read_by改回lists，并报告详情内容。";
        /// HTTP status, no connection.
        ExportUnfetched = "SY-156", 502, "An exported file could not be fetched; what rests on it stayed as it was.",
            "导出文件下载失败，依赖该文件的数据保持不变。", "Files lie on hosts of their own: let Menjin reach them (https), or set the data source's read_by back to lists.",
            "导出文件位于单独的主机上：请允许门禁以https访问这些主机，或将该数据源的read_by改回lists。";
        /// Not https, or into a private network.
        ExportAddress = "SY-157", 502, "An exported file lies at an address that Menjin does not call; what rests on it stayed as it was.",
            "导出文件的下载地址不可调用，依赖该文件的数据保持不变。", "Only https to public addresses is called. Where WeCom is reached through a forwarding proxy, set the data source's read_by back to lists.",
            "只调用公网https地址。如果经由转发代理访问企业微信，请将该数据源的read_by改回lists。";
        /// Names and departments, no status.
        ExportNamesOnly = "SY-158", 502, "WeCom exports only names and departments to the contacts-sync secret, no status and no other details.",
            "企业微信仅向通讯录同步 Secret 导出成员姓名与部门，不含状态等其他详情。", "Add a self-built app whose visible scope is the root department and enter its secret as the integration app.",
            "请添加可见范围为根部门的自建应用，并将其Secret填为集成应用的Secret。";
        /// Its company moved to another app after it.
        CompanyMoved = "SY-165", 409, "The company has moved to another app since this run, which knew its members by other IDs.",
            "此次同步之后，企业已迁移到另一个应用，成员ID已不同。", "Start a run instead; what the move itself changed is taken back at the move, as long as that is possible.", "请重新发起同步；迁移本身的更改可在迁移页面撤销（在可撤销期间）。";
    }
}
