// oidc-provider (npm, OpenID certified) with its development interactions: any login name, consent by one form.
// Refresh tokens rotate, and a used one revokes everything that came of its consent. Settings come in OIDC_SETTINGS.
import { createRequire } from 'node:module';
const require = createRequire(process.env.OIDC_MODULES + '/');
const { Provider } = await import(require.resolve('oidc-provider'));

const settings = JSON.parse(process.env.OIDC_SETTINGS);
const issuer = `http://127.0.0.1:${settings.port}`;
const provider = new Provider(issuer, {
  clients: settings.clients,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, revocation: { enabled: true }, introspection: { enabled: true } },
  rotateRefreshToken: () => true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  scopes: ['openid', 'offline_access', 'files:read', 'files:write'],
  ttl: { AccessToken: settings.access_seconds, RefreshToken: 86400, AuthorizationCode: 60, Grant: 86400, Session: 86400, Interaction: 600, IdToken: 600 },
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, name: `${id} of the tests` }) }),
  claims: { openid: ['sub', 'name'] },
  cookies: { keys: ['tests'] },
});
let refreshes = 0;
provider.on('grant.success', (ctx) => { if (ctx.oidc.params.grant_type === 'refresh_token') refreshes += 1; });
provider.on('server_error', (ctx, error) => console.error(error));
provider.use(async (ctx, next) => {
  if (ctx.path === '/refreshes') { ctx.body = { refreshes }; return; }
  await next();
});
provider.listen(settings.port, '127.0.0.1', () => console.log(`listening ${issuer}`));
