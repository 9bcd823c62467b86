// A portal written with openid-client: sign-in, userinfo, refresh, introspection, revocation, device flow, sign-out.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'

const here = dirname(fileURLToPath(import.meta.url))
// The packages are installed outside the source tree.
const require = createRequire(join(process.env.NODE_HOME, 'package.json'))
const oidc = await import(pathToFileURL(require.resolve('openid-client')))

const { ISSUER, PYTHON, ALLOW, COOKIES } = process.env
const REDIRECT = 'http://127.0.0.1:9/callback'
const BYE = 'http://127.0.0.1:9/bye'
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

const python = (...words) => execFileSync(PYTHON, words, { cwd: here, encoding: 'utf8' }).trim()
const jar = join(COOKIES, 'openid-client')
const person = (...words) => python('person.py', jar, ...words)

async function portal(name, method) {
  const extra = { auth_method: method, metadata: { grant_types: ['authorization_code', 'refresh_token', DEVICE] } }
  const client = JSON.parse(python('registration.py', name, JSON.stringify(extra)))
  const authentication = method === 'client_secret_basic' ? oidc.ClientSecretBasic(client.client_secret) : oidc.ClientSecretPost(client.client_secret)
  const options = { execute: [oidc.allowInsecureRequests] }
  return oidc.discovery(new URL(ISSUER), client.client_id, undefined, authentication, options)
}

async function depart(config, more = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const expectedNonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  })
  const back = person('open', url.href, REDIRECT)
  assert.ok(back.startsWith(REDIRECT), back)
  return [new URL(back), { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }]
}

async function redeem(config, [back, checks], changed = {}) {
  return oidc.authorizationCodeGrant(config, back, { ...checks, ...changed })
}

// Another state is noticed before the code is spent; for another nonce or verifier a code of its own goes, fetched during the session.
async function refusesForgeries(config) {
  const arrival = await depart(config, { prompt: 'none' })
  await assert.rejects(redeem(config, arrival, { expectedState: 'another' }), { code: 'OAUTH_INVALID_RESPONSE' })
  await assert.rejects(redeem(config, arrival, { expectedNonce: 'another' }), { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  const other = { pkceCodeVerifier: oidc.randomPKCECodeVerifier() }
  await assert.rejects(redeem(config, await depart(config, { prompt: 'none' }), other), { error: 'invalid_grant' })
}

for (const method of ['client_secret_basic', 'client_secret_post']) {
  const config = await portal(`openid-client-${method}`, method)
  const tokens = await redeem(config, await depart(config))
  const claims = tokens.claims()
  const told = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
  assert.ok(told.name)
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  assert.notEqual(renewed.refresh_token, tokens.refresh_token)
  assert.equal(renewed.claims().sub, claims.sub)
  const known = await oidc.tokenIntrospection(config, renewed.access_token)
  assert.ok(known.active && known.sub === claims.sub)

  const device = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile' })
  person('press', device.verification_uri_complete, ALLOW, REDIRECT)
  const granted = await oidc.pollDeviceAuthorizationGrant(config, device)
  assert.equal(granted.claims().sub, claims.sub)
  await oidc.tokenRevocation(config, granted.access_token)
  assert.deepEqual({ ...(await oidc.tokenIntrospection(config, granted.access_token)) }, { active: false })

  await refusesForgeries(config)
  const end = oidc.buildEndSessionUrl(config, { id_token_hint: renewed.id_token, post_logout_redirect_uri: BYE, state: 'bye' })
  assert.equal(person('open', end.href, BYE), `${BYE}?state=bye`)
  assert.equal((await oidc.tokenIntrospection(config, renewed.access_token)).active, false)
  await assert.rejects(redeem(config, await depart(config, { prompt: 'none' })), { error: 'login_required' })
  console.log(`openid-client (${method}): sign-in, userinfo, refresh, introspection, device flow, revocation, sign-out`)
}
