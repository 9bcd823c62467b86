console-overview-nothing = Nobody can sign in yet: no company is connected.
console-overview-many = { $number ->
    [one] One thing needs you.
   *[other] { $number } things need you.
    }
console-overview-ready-many = { $number ->
    [one] Everybody can sign in. One thing needs you.
   *[other] Everybody can sign in. { $number } things need you.
    }
console-overview-connect = Connect WeCom
console-overview-needs = What needs you
console-overview-go = See it and mend it
console-overview-paused = The sync of { $value } waits for your agreement.
console-overview-findings = People of whom it is in doubt who they are: { $value }
console-overview-requests = People who ask to be let in: { $value }
console-overview-conflicts = Members who are not imported until you decide: { $value }
console-overview-undelivered = Logouts that a portal did not take: { $value }
console-overview-days = The last 14 days
console-overview-day = Day (UTC+8)
console-overview-table = The numbers day by day
console-overview-signed-in = Sign-ins
console-overview-refused = Refusals
console-overview-most = most on a day: { $number }
console-overview-reasons = Why people were refused
console-overview-reason = Reason
console-overview-times = Times
console-overview-people = People
console-overview-no-refusals = Nobody was refused in these days.
console-overview-sources = Last syncs
console-overview-source = Data source
console-overview-synced = Complete
console-overview-difference = Difference
console-overview-confirmed = Everybody seen
console-overview-next = Next
console-overview-never = never
console-overview-by-hand = by hand
console-overview-off = off
console-overview-syncing = running
console-overview-created = { $number } new
console-overview-updated = { $number } changed
console-overview-removed = { $number } lost access
console-overview-readmitted = { $number } back
console-overview-leavers = Leavers of 30 days
console-overview-no-leavers = Nobody's access ended in the last 30 days.
console-overview-left = People whose access ended: { $number }
console-overview-failed = { $number ->
    [one] { $number } logout not delivered
   *[other] { $number } logouts not delivered
    }
console-overview-pending = { $number ->
    [one] { $number } logout on its way
   *[other] { $number } logouts on their way
    }
console-overview-all-told = every portal that can be told knows
console-overview-slowest = Slowest portal
console-overview-seconds = { $number } s
console-overview-gone = a portal that is gone
console-overview-run-queued = waiting
console-overview-run-running = running
console-overview-run-succeeded = complete
console-overview-run-incomplete = incomplete
console-overview-run-planned = planned
console-overview-run-rehearsed = rehearsed
console-overview-run-paused = paused
console-overview-run-failed = failed
console-overview-unheard = People whose access ended and of whom a portal does not know: { $value }
console-overview-examined = The doctor looked
console-overview-examine = Look again
