AUTHENTICATION_SOURCES = ["oauth2", "internal"]
OAUTH2_AUTO_CREATE_USER = True
OAUTH2_CONFIG = [{
    "OAUTH2_NAME": "menjin",
    "OAUTH2_DISPLAY_NAME": "企业微信",
    "OAUTH2_CLIENT_ID": "@client_id@",
    "OAUTH2_CLIENT_SECRET": "@client_secret@",
    "OAUTH2_SERVER_METADATA_URL": "@issuer@/.well-known/openid-configuration",
    "OAUTH2_AUTHORIZATION_URL": "@issuer@/oauth2/authorize",
    "OAUTH2_TOKEN_URL": "@issuer@/oauth2/token",
    "OAUTH2_API_BASE_URL": "@issuer@/oauth2/",
    "OAUTH2_USERINFO_ENDPOINT": "userinfo",
    "OAUTH2_SCOPE": "openid profile email",
    "OAUTH2_USERNAME_CLAIM": "preferred_username",
    "OAUTH2_CHALLENGE_METHOD": "S256",
    "OAUTH2_RESPONSE_TYPE": "code",
    "OAUTH2_LOGOUT_URL": "@issuer@/oauth2/logout?id_token_hint={id_token}&post_logout_redirect_uri={redirect_uri}",
}]
