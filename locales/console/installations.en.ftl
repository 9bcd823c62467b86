console-installations = Connected companies
console-installations-about = Companies that installed an app of your service provider. Each becomes a data source whose people WeCom tells by their IDs.
console-installations-none = No company is like that.
console-installations-none-yet = No company has installed an app of yours yet.
console-installation-company = Company
console-installation-suite = App
console-installation-members = { $number ->
    [one] authorised employee
   *[other] authorised employees
    }
console-installation-departments = { $number ->
    [one] department
   *[other] departments
    }
console-installation-installed = Installed
console-installation-until = waits until
console-installation-status-bound = connected
console-installation-status-unbound = installed, waits to be connected
console-installation-status-moved = moved to an app of its own
console-installation-status-expired = waited too long
console-installation-status-cancelled = disconnected
console-installation-way = How the company installs the app
console-installation-way-browser = In the browser
console-installation-way-browser-hint = WeCom's install page opens here. An admin of the company chooses who may use the app and agrees; the company is connected at once.
console-installation-way-phone = By phone
console-installation-way-phone-hint = An admin of the company scans the app's QR code. It cannot carry who asked for it, so afterwards a member who may use the app scans once more.
console-installation-new = Connect a company
console-installation-begin = Begin
console-installation-no-suite = No app of a service provider has been entered yet.
console-installation-suites = Apps of the service provider
console-installation-test = As a test
console-installation-test-hint = Needed in the browser while the app is not published in WeCom.
console-installation-leave = On to WeCom
console-installation-leave-install = Choose on WeCom's page who may use the app, and agree. It leads back here.
console-installation-leave-scan = A member of the company who may use the app scans on WeCom's page. It leads back here.
console-installation-go = Open WeCom's page
console-installation-step-install = 1. Install
console-installation-step-scan = 2. Scan to connect
console-installation-qr = QR code of the app
console-installation-qr-how = An admin of the company scans this with WeCom on the phone, presses “add app”, chooses who may use it, and agrees.
console-installation-qr-none = WeCom gives no QR code for this app now. Let an admin of the company install it by the QR code of the provider console, or from WeCom's app market.
console-installation-invitation-until = Can be used until
console-installation-invitation-expired = This invitation has expired.
console-installation-failed = The company could not be connected by this invitation. Begin again.
console-installation-waits = Waiting for WeCom to tell that a company has installed the app…
console-installation-some-wait = Installed. These companies wait to be connected:
console-installation-is-installed = Installed.
console-installation-being-connected = Being connected…
console-installation-connected = The company is connected, and its people are being read.
console-installation-see = Look at the company
console-installation-go-on = Go on with the authorisation
console-installation-scan-how = Somebody for whom the app was authorised scans; their company is the one that is connected.
console-installation-i-have = I have installed it
console-installation-scope = Authorised
console-installation-scope-where = The company sets and changes who is authorised in WeCom: in the app under 管理企业 (Manage company) → 应用管理 (App management), or in the admin console under 应用管理 (App Management) → the app → 可见范围 (Visible scope). What changes there is read here within seconds.
console-installation-scope-departments = { $number ->
    [one] department
   *[other] departments
    }
console-installation-scope-members = { $number ->
    [one] single member
   *[other] single members
    }
console-installation-scope-tags = { $number ->
    [one] tag
   *[other] tags
    }
console-installation-unread = WeCom has not told it yet
console-installation-bound = Connected
console-installation-bind = Connect
console-installation-organisation = Organisation
console-installation-ask-now = Ask WeCom now
console-installation-cancelled = App deleted
console-installation-removed = Data removed
console-installation-removing = being removed
console-installation-disconnect = Disconnect
console-installation-disconnect-about = Only the company can disconnect: its admin deletes the app in WeCom. Then nobody of it can sign in any more, sessions and tokens end, portals are told, and what WeCom told of its people is removed here.
console-installation-disconnect-go = An admin of the company opens WeCom's admin console:
console-installation-disconnect-find = Under App Management, Third-party, they open the app and delete it.
console-installation-disconnect-back = This page says so within seconds.
console-installation-deletion-waits = Waiting for WeCom to tell that the app was deleted…
console-installation-disconnected = Disconnected. Nobody of this company can sign in, and the portals have been told.
console-installation-scope-see = Employees and departments
console-installation-scope-scan = Scan with WeCom of this company to see its authorised employees and departments.
console-installation-scope-unbound = This company is not connected, so nobody of it was read.
console-names-title = Names of members
console-names-see = See names
console-names-back = Back
console-names-may = WeCom may show you names of this company's members in this session, as you proved by a scan:
console-names-may-not = You see IDs in the place of names.
console-names-what = WeCom does not tell an app of a service provider what members and departments are called. Whoever scans with WeCom of this company, and is one of the employees for whom it authorised the app, is shown their names on these pages by WeCom itself, in frames that this console cannot read.
console-names-who = That counts for you alone, in this browser, until you sign out here. It ends at once when the company deletes the app or whoever scanned leaves it. The audit log says who scanned.
console-names-scan = Scan with WeCom
console-names-scan-again = Scan again
console-names-end = Show IDs again
console-names-leave = Scan on WeCom's page with WeCom of this company. It leads back here.
console-names-shown = WeCom shows names of members of { $company } on this page.
console-names-about = About this
console-names-again = WeCom does not know this browser any more, so some names are missing.
console-names-failed = WeCom shows no names now.
console-names-script = Names need script in this browser.
console-names-other = WeCom shows names of one company on a page; this one shows no names of { $company }.
console-names-instead = Show those instead
console-names-hidden = Members of { $company } are shown by their IDs.
console-names-more = { $number ->
    [one] { $number } more company is shown by ID; choose one data source to see its names.
   *[other] { $number } more companies are shown by ID; choose one data source to see their names.
    }
console-names-tree = The departments of { $company } are seen after a scan with WeCom of that company.
