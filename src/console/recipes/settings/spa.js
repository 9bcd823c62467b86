// npm: oidc-client-ts
import { UserManager } from "oidc-client-ts";

export const users = new UserManager({
  authority: "@issuer@",
  client_id: "@client_id@",
  redirect_uri: "@address@/",
  post_logout_redirect_uri: "@address@/",
  scope: "openid profile email",
});
