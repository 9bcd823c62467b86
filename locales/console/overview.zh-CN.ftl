console-overview-nothing = 还没有人能登录：尚未连接任何企业。
console-overview-many = { $number ->
    [1] 有一件事需要您处理。
   *[other] 有 { $number } 件事需要您处理。
    }
console-overview-ready-many = { $number ->
    [1] 大家都能登录。有一件事需要您处理。
   *[other] 大家都能登录。有 { $number } 件事需要您处理。
    }
console-overview-connect = 连接企业微信
console-overview-needs = 需要您处理
console-overview-go = 查看并处理
console-overview-paused = “{ $value }”的同步正等待您确认。
console-overview-findings = 身份存疑的人员：{ $value }
console-overview-requests = 等待审批的访问申请：{ $value }
console-overview-conflicts = 等您裁决后才会导入的成员：{ $value }
console-overview-undelivered = 门户未接收的登出通知：{ $value }
console-overview-days = 最近 14 天
console-overview-day = 日期（UTC+8）
console-overview-table = 每天的数字
console-overview-signed-in = 登录
console-overview-refused = 拒绝
console-overview-most = 单日最多：{ $number }
console-overview-reasons = 被拒绝的原因
console-overview-reason = 原因
console-overview-times = 次数
console-overview-people = 人数
console-overview-no-refusals = 这些天没有人被拒绝。
console-overview-sources = 最近的同步
console-overview-source = 数据源
console-overview-synced = 完整同步
console-overview-difference = 变化
console-overview-confirmed = 全员确认
console-overview-next = 下次
console-overview-never = 从未
console-overview-by-hand = 手动
console-overview-off = 已停用
console-overview-syncing = 进行中
console-overview-created = 新增 { $number }
console-overview-updated = 变更 { $number }
console-overview-removed = 失去访问权 { $number }
console-overview-readmitted = 恢复 { $number }
console-overview-leavers = 近 30 天离职
console-overview-no-leavers = 近 30 天没有人的访问权被终止。
console-overview-left = { $number } 人离开
console-overview-failed = { $number } 个登出通知未送达
console-overview-pending = { $number } 个登出通知正在发送
console-overview-all-told = 能通知的门户都已知晓
console-overview-slowest = 最慢的门户
console-overview-seconds = { $number } 秒
console-overview-gone = 已删除的门户
console-overview-run-queued = 等待中
console-overview-run-running = 进行中
console-overview-run-succeeded = 完整
console-overview-run-incomplete = 不完整
console-overview-run-planned = 已计划
console-overview-run-rehearsed = 已演练
console-overview-run-paused = 已暂停
console-overview-run-failed = 失败
console-overview-unheard = 访问已结束但门户尚未得知的人员：{ $value }
console-overview-examined = 上次诊断：
console-overview-examine = 重新诊断
