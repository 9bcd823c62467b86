"""000: a corp connects by installing a third-party app, and disconnects."""

from steps import missing

SUITE = "third-party (suite) apps"

missing("000", "接入 3", "Offers to install by phone or in the browser", SUITE)
missing("000", "手机端 3", "Binds an installation by phone once a member has scanned", SUITE)
missing("000", "浏览器 3", "Shows the corp that installed in the browser, with its authorised people", SUITE)
missing("000", "取消 3", "Shows that a corp whose app was deleted is disconnected", SUITE)
