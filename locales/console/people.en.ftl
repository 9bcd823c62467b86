console-people-title = Who is she, and what may she enter?
console-people-search = Name or username
console-people-none = Nobody here. People come with the first sync of a data source.
console-name = Name
console-username = Username
console-email = E-mail
console-since = Since
