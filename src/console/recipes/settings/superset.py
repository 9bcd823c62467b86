from flask_appbuilder.security.manager import AUTH_OAUTH
from superset.security import SupersetSecurityManager

AUTH_TYPE = AUTH_OAUTH
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Gamma"
# AUTH_ROLES_SYNC_AT_LOGIN = True
# AUTH_ROLES_MAPPING = {"/总部/运维": ["Admin"], "/总部": ["Gamma"]}
LOGOUT_REDIRECT_URL = "@issuer@/oauth2/logout?client_id=@client_id@&post_logout_redirect_uri=@address_encoded@%2F"
OAUTH_PROVIDERS = [{
    "name": "menjin",
    "icon": "fa-key",
    "token_key": "access_token",
    "remote_app": {
        "client_id": "@client_id@",
        "client_secret": "@client_secret@",
        "server_metadata_url": "@issuer@/.well-known/openid-configuration",
        "client_kwargs": {"scope": "openid profile email groups", "code_challenge_method": "S256"},
    },
}]


class MenjinSecurityManager(SupersetSecurityManager):
    def oauth_user_info(self, provider, response=None):
        me = self.appbuilder.sm.oauth_remotes[provider].userinfo()
        return {
            "username": me["preferred_username"],
            "first_name": me.get("name", me["preferred_username"]),
            "last_name": "",
            "email": me.get("email", me["preferred_username"]),
            "role_keys": me.get("groups", []),
        }


CUSTOM_SECURITY_MANAGER = MenjinSecurityManager
