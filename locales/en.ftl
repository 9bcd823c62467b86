product = Menjin
failure-title = You cannot continue here
failure-hint = If you think this is wrong, tell your administrator the code below.
failure-reference = Code
failure-again = Start again
# oidc
oidc-returning = Returning to the application
oidc-continue = Continue
oidc-logout-title = Sign out?
oidc-logout-question = You are about to sign out here and of the applications you entered from here.
oidc-logout-yes = Sign out
oidc-logout-no = To stay signed in, just close this page.
oidc-signed-out-title = You are signed out
oidc-signed-out-text = You can close this page now.
