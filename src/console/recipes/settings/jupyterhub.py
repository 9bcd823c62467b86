c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.client_id = "@client_id@"
c.GenericOAuthenticator.client_secret = "@client_secret@"
c.GenericOAuthenticator.oauth_callback_url = "@address@/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = "@issuer@/oauth2/authorize"
c.GenericOAuthenticator.token_url = "@issuer@/oauth2/token"
c.GenericOAuthenticator.userdata_url = "@issuer@/oauth2/userinfo"
c.GenericOAuthenticator.logout_redirect_url = "@issuer@/oauth2/logout?client_id=@client_id@&post_logout_redirect_uri=@address_encoded@%2F"
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups"]
c.GenericOAuthenticator.username_claim = "preferred_username"
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.enable_pkce = True
