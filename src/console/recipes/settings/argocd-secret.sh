kubectl -n argocd patch secret argocd-secret --type merge \
  -p '{"stringData": {"oidc.menjin.clientSecret": "@client_secret@"}}'
