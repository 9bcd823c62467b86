product = 门禁
failure-title = 无法继续
failure-hint = 如果您认为这不对，请把下面的编号告诉管理员。
failure-reference = 编号
failure-again = 重新开始
# oidc
oidc-returning = 正在返回应用
oidc-continue = 继续
oidc-logout-title = 要退出登录吗？
oidc-logout-question = 您将退出此处的登录，以及由此进入的各个应用。
oidc-logout-yes = 退出登录
oidc-logout-no = 如需保持登录，关闭此页面即可。
oidc-signed-out-title = 您已退出登录
oidc-signed-out-text = 现在可以关闭此页面了。
