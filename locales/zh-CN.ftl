product = 门禁
failure-title = 无法继续
failure-hint = 如果您认为这不对，请把下面的编号告诉管理员。
failure-reference = 编号
failure-again = 重新开始
