product = Menjin
failure-title = You cannot continue here
failure-hint = If you think this is wrong, tell your administrator the code below.
failure-reference = Code
failure-again = Start again
