gitea admin auth add-oauth \
  --name menjin \
  --provider openidConnect \
  --key '@client_id@' \
  --secret '@client_secret@' \
  --auto-discover-url '@issuer@/.well-known/openid-configuration' \
  --scopes profile --scopes email --scopes groups \
  --group-claim-name groups
