# The device flow (RFC 8628): the person opens the address that is shown, on any device.
curl -sS '@issuer@/oauth2/device_authorization' \
  -d client_id='@client_id@' -d scope='openid profile'
# Then, every few seconds, with the device_code of that answer:
curl -sS '@issuer@/oauth2/token' \
  -d grant_type=urn:ietf:params:oauth:grant-type:device_code \
  -d client_id='@client_id@' -d device_code=DEVICE_CODE
