console-people-title = 这个人是谁，能进入哪里？
console-people-search = 姓名或用户名
console-people-none = 这里还没有人。首次同步数据源后，人员会出现在这里。
console-name = 姓名
console-username = 用户名
console-email = 邮箱
console-since = 创建时间
