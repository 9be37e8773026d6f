import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../../core/index.ts';
import { anonymousUser, RequestAuthenticator } from '../../../../../runtime/api/auth/identity/request-authenticator.ts';
import {
  ADMIN,
  ensureAdminToken,
  parseTokenFile,
  StaticTokens,
} from '../../../../../runtime/api/auth/identity/static-tokens.ts';
import { tokenReview } from '../../../../../runtime/api/auth/reviews/token-review.ts';
import { issuerDocument, keysDocument } from '../../../../../runtime/api/auth/tokens/issuer-documents.ts';
import { ServiceAccountTokens } from '../../../../../runtime/api/auth/tokens/service-account-tokens.ts';
import { ensureSigningKey, type SigningKey } from '../../../../../runtime/api/auth/tokens/signing-key.ts';
import { requestToken } from '../../../../../runtime/api/auth/tokens/token-request.ts';
import { FakeView } from '../fake-view.ts';
import { outcomeOf } from '../outcome.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const robot = object('ServiceAccount', 'robot', 'u1');
const pod = { ...object('Pod', 'web', 'p1'), spec: { serviceAccountName: 'robot', nodeName: 'n1', containers: [] } };
const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'nu' } };

interface Context {
  directory: string;
  key: SigningKey;
  view: FakeView;
  tokens: ServiceAccountTokens;
  authenticator: RequestAuthenticator;
}
const test = suite<Context>('tokens');
let clock = Date.parse('2026-11-23T14:00:00Z');

test.before.each(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'keelson-tokens-'));
  clock = Date.parse('2026-11-23T14:00:00Z');
  const key = await ensureSigningKey(join(context.directory, 'sa.key'));
  const view = new FakeView([robot, pod, node, object('Secret', 'key', 's1')]);
  const tokens = new ServiceAccountTokens({ key, issuer: ISSUER, audiences: [ISSUER, 'api'], view, now: () => clock });
  const fixed = new StaticTokens();
  fixed.add('admin-token', ADMIN);
  Object.assign(context, { key, view, tokens, authenticator: new RequestAuthenticator(fixed, tokens, () => clock) });
});
test.after.each(({ directory }) => rm(directory, { recursive: true, force: true }));

test('a token is its account in its groups', async ({ tokens }) => {
  const { token, expirationTimestamp } = await issue(tokens);
  assert.is(expirationTimestamp, '2026-11-23T15:00:00Z');
  const answer = await tokens.authenticate(token);
  assert.equal(answer?.audiences, [ISSUER]);
  assert.is(answer?.user.name, 'system:serviceaccount:default:robot');
  assert.is(answer?.user.uid, 'u1');
  assert.equal(answer?.user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:default',
    'system:authenticated',
  ]);
  assert.match(String(answer?.user.extra?.['authentication.kubernetes.io/credential-id']?.[0]), /^JTI=/);
});

test('the signing key is made once, private, and used again', async ({ directory, key, tokens, view }) => {
  const again = await ensureSigningKey(join(directory, 'sa.key'));
  assert.equal(again.jwk, key.jwk);
  assert.is((await stat(join(directory, 'sa.key'))).mode & 0o777, 0o600);
  const { token } = await issue(tokens);
  const restarted = new ServiceAccountTokens({ ...tokens.settings, key: again, view });
  assert.ok(await restarted.authenticate(token));
});

test('others can check a token by the published documents', async ({ key, tokens }) => {
  const { token } = await issue(tokens);
  const keys = createLocalJWKSet(keysDocument(key) as { keys: [] });
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: ISSUER, currentDate: new Date(clock) });
  assert.is(payload.sub, 'system:serviceaccount:default:robot');
  assert.equal(issuerDocument(ISSUER, 'https://h:1'), {
    issuer: ISSUER,
    jwks_uri: 'https://h:1/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
});

const lives: [string, (context: Context) => void, boolean][] = [
  ['one second before its end', () => (clock += 3_599_000), true],
  ['at its end', () => (clock += 3_600_000), false],
  ['when its account is gone', ({ view }) => view.remove(robot), false],
  ['when its account was made anew', ({ view }) => view.put(object('ServiceAccount', 'robot', 'u2')), false],
  ['when its account is being deleted for half a minute', ({ view }) => view.put(deleted(robot, 30)), true],
  ['when its account is being deleted for more than a minute', ({ view }) => view.put(deleted(robot, 61)), false],
  ['when its pod is gone', ({ view }) => view.remove(pod), false],
  ['when its pod was made anew', ({ view }) => view.put({ ...pod, metadata: { ...pod.metadata, uid: 'p2' } }), false],
  ['when the pod’s node is gone', ({ view }) => view.remove(node), true],
];
for (const [name, change, alive] of lives) {
  test(`a token of a pod is ${alive ? 'good' : 'worth nothing'} ${name}`, async (context) => {
    const { token } = await issue(context.tokens, { pod: { name: 'web', uid: 'p1' }, node: { name: 'n1', uid: 'nu' } });
    assert.ok(await context.tokens.authenticate(token), 'known before');
    change(context);
    assert.is(Boolean(await context.tokens.authenticate(token)), alive);
  });
}

test('a token of a node dies with it', async ({ tokens, view }) => {
  const { token } = await issue(tokens, { node: { name: 'n1', uid: 'nu' } });
  assert.ok(await tokens.authenticate(token));
  view.remove(node);
  assert.not.ok(await tokens.authenticate(token));
});

test('a token that somebody else signed, altered or left without a signature is nobody', async ({
  tokens,
  directory,
}) => {
  const { token } = await issue(tokens);
  const foreign = await ensureSigningKey(join(directory, 'other.key'));
  const forged = await new SignJWT(decodeJwt(token))
    .setProtectedHeader({ alg: 'ES256', kid: tokens.settings.key.jwk.kid })
    .sign(foreign.privateKey);
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'system:admin' })).toString('base64url');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
  for (const bad of [forged, `${header}.${claims}.${signature}`, none, 'x.y.z', 'x', token.slice(0, -4)]) {
    assert.not.ok(await tokens.authenticate(bad), bad);
  }
});

test('a token is for its audiences only', async ({ tokens }) => {
  const { token } = await tokens.issue({ namespace: 'default', name: 'robot', uid: 'u1' }, ['vault', 'api'], 3600);
  assert.equal((await tokens.authenticate(token))?.audiences, ['api']);
  assert.equal((await tokens.authenticate(token, ['vault', 'other']))?.audiences, ['vault']);
  assert.not.ok(await tokens.authenticate(token, ['other']));
});

// --- requests --------------------------------------------------------------------------------------------------------

const certificate = {
  subject: { CN: 'jane', O: ['dev', 'ops'] },
  valid_from: 'Nov 23 13:00:00 2026 GMT',
  valid_to: 'Nov 23 15:00:00 2026 GMT',
};
const requests: [string, Parameters<RequestAuthenticator['authenticate']>[0], string][] = [
  ['no credentials are nobody', { headers: {} }, 'nobody'],
  [
    'a known token',
    { headers: { authorization: 'Bearer admin-token' } },
    'kubernetes-admin of system:masters,system:authenticated',
  ],
  [
    'the scheme in any case',
    { headers: { authorization: 'bearer   admin-token ' } },
    'kubernetes-admin of system:masters,system:authenticated',
  ],
  ['an unknown token', { headers: { authorization: 'Bearer other' } }, '401 Unauthorized'],
  [
    'an unknown token beside a good certificate',
    { headers: { authorization: 'Bearer other' }, peerCertificate: certificate },
    '401 Unauthorized',
  ],
  ['another scheme', { headers: { authorization: 'Basic YTpi' } }, '401 Unauthorized'],
  ['no token after the scheme', { headers: { authorization: 'Bearer' } }, '401 Unauthorized'],
  ['two words after the scheme', { headers: { authorization: 'Bearer admin-token x' } }, '401 Unauthorized'],
  ['an empty header', { headers: { authorization: '' } }, '401 Unauthorized'],
  [
    'the sub-protocol of a WebSocket',
    {
      headers: {
        'sec-websocket-protocol': `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('admin-token').toString('base64url')}`,
      },
    },
    'kubernetes-admin of system:masters,system:authenticated',
  ],
  ['a client certificate', { headers: {}, peerCertificate: certificate }, 'jane of dev,ops,system:authenticated'],
  [
    'a client certificate of one group',
    { headers: {}, peerCertificate: { subject: { CN: 'jane', O: 'dev' } } },
    'jane of dev,system:authenticated',
  ],
  ['a client certificate without a name', { headers: {}, peerCertificate: { subject: {} } }, 'nobody'],
  [
    'a client certificate that has run out',
    { headers: {}, peerCertificate: { ...certificate, valid_to: 'Nov 23 13:59:59 2026 GMT' } },
    '401 Unauthorized',
  ],
];
for (const [name, credentials, expected] of requests) {
  test(`a request: ${name}`, async ({ authenticator }) => {
    let found = 'nobody';
    const refused = await outcomeOf(async () => {
      const user = await authenticator.authenticate(credentials);
      if (user) found = `${user.name} of ${user.groups.join()}`;
    });
    assert.is(refused === 'done' ? found : refused, expected);
  });
}

test('without credentials there is health and version', () => {
  for (const path of ['/healthz', '/livez/ping', '/readyz', '/version', '/version/'])
    assert.ok(anonymousUser(path), path);
  for (const path of ['/', '/api', '/apis', '/metrics', '/openapi/v3', '/versions', '/healthzx', '/x/healthz']) {
    assert.not.ok(anonymousUser(path), path);
  }
});

// --- TokenRequest and TokenReview ------------------------------------------------------------------------------------

const request = (spec: Record<string, unknown>, metadata = {}): Parameters<typeof requestToken>[0] =>
  ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec }) as Parameters<
    typeof requestToken
  >[0];
const bound = (kind: string, name: string, uid?: string): Record<string, unknown> => ({
  boundObjectRef: { apiVersion: 'v1', kind, name, uid },
});
const refusals: [string, Record<string, unknown>, string, string?][] = [
  ['nothing asked for', {}, 'done'],
  ['ten minutes', { expirationSeconds: 600 }, 'done'],
  [
    'less than ten minutes',
    { expirationSeconds: 599 },
    '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ],
  [
    'more than 2^32 seconds',
    { expirationSeconds: 2 ** 32 + 1 },
    '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  ['an account that is not there', {}, '404 serviceaccounts "other" not found', 'other'],
  ['a pod', bound('Pod', 'web'), 'done'],
  ['a pod with its uid', bound('Pod', 'web', 'p1'), 'done'],
  [
    'a pod with another uid',
    bound('Pod', 'web', 'p9'),
    '409 Operation cannot be fulfilled on pods "web": the UID in the bound object reference (p9) does not match the UID in record. The object might have been deleted and then recreated',
  ],
  ['a pod that is not there', bound('Pod', 'gone'), '404 pods "gone" not found'],
  ['a secret', bound('Secret', 'key'), 'done'],
  ['a node', bound('Node', 'n1'), 'done'],
  ['another kind', bound('ConfigMap', 'x'), '400 cannot bind token to object of type v1, Kind=ConfigMap'],
];
for (const [name, spec, expected, account = 'robot'] of refusals) {
  test(`TokenRequest: ${name}`, async ({ tokens }) => {
    assert.is(await outcomeOf(() => requestToken(request(spec), 'default', account, tokens)), expected);
  });
}

test('TokenRequest: the token of a pod tells of pod and node', async ({ tokens }) => {
  const answer = (await requestToken(request(bound('Pod', 'web')), 'default', 'robot', tokens)) as unknown as {
    spec: object;
    status: { token: string; expirationTimestamp: string };
  };
  assert.is(answer.status.expirationTimestamp, '2026-11-23T15:00:00Z');
  assert.equal(answer.spec, { ...bound('Pod', 'web'), audiences: [ISSUER], expirationSeconds: 3600 });
  const user = (await tokens.authenticate(answer.status.token))?.user;
  assert.equal(user?.extra?.['authentication.kubernetes.io/pod-name'], ['web']);
  assert.equal(user?.extra?.['authentication.kubernetes.io/node-name'], ['n1']);
});

test('TokenRequest: a pod of another account is refused', async ({ tokens, view }) => {
  view.add(object('ServiceAccount', 'other', 'u3'));
  assert.is(
    await outcomeOf(() => requestToken(request(bound('Pod', 'web')), 'default', 'other', tokens)),
    '400 cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
  );
});

test('TokenReview: whose a token is, whose not, and without one', async ({ authenticator, tokens }) => {
  const ask = async (spec: Record<string, unknown>): Promise<unknown> => {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: { name: '' }, spec };
    return ((await tokenReview(review, authenticator)) as unknown as { status: unknown }).status;
  };
  assert.equal(await ask({ token: 'admin-token' }), {
    authenticated: true,
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    audiences: [ISSUER, 'api'],
  });
  assert.is(((await ask({ token: 'other' })) as { authenticated?: boolean }).authenticated, undefined);
  const { token } = await issue(tokens);
  assert.is(((await ask({ token })) as { user: { uid: string } }).user.uid, 'u1');
  assert.is(((await ask({ token, audiences: ['vault'] })) as { authenticated?: boolean }).authenticated, undefined);
  assert.is(await outcomeOf(() => ask({})), '400 token is required for TokenReview in authentication');
});

// --- tokens that never change ----------------------------------------------------------------------------------------

test('the administrator’s token is made once, long and private', async ({ directory }) => {
  const path = join(directory, 'admin.token');
  const token = await ensureAdminToken(path);
  assert.is(token.length, 43);
  assert.is(await ensureAdminToken(path), token);
  assert.is((await stat(path)).mode & 0o777, 0o600);
  await writeFile(path, 'mine\n');
  assert.is(await ensureAdminToken(path), 'mine');
});

test('a token file: comments, groups, and every wrong line at once', () => {
  assert.equal(parseTokenFile('# who,is,who\nt1,jane,1,"dev,ops"\n\nt2,joe,\n', 'tokens.csv'), [
    { token: 't1', user: { name: 'jane', uid: '1', groups: ['dev', 'ops', 'system:authenticated'] } },
    { token: 't2', user: { name: 'joe', groups: ['system:authenticated'] } },
  ]);
  assert.throws(
    () => parseTokenFile('t1,jane,1\nt1,joe,2\nt3\n,x,1\n', 'tokens.csv'),
    (error: Error) => {
      assert.equal(error.message.split('\n'), [
        'tokens.csv:2: this token stands on an earlier line already',
        'tokens.csv:3: expected TOKEN,USER,UID and perhaps "GROUP,GROUP"; found 1 fields',
        'tokens.csv:4: neither token nor user may be empty',
      ]);
      return true;
    },
  );
  assert.throws(() => parseTokenFile('t1,"jane,1\n', 'tokens.csv'), /tokens\.csv: /);
});

function object(kind: string, name: string, uid: string): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { namespace: 'default', name, uid } };
}

function deleted(of: KubeObject, secondsAgo: number): KubeObject {
  const deletionTimestamp = new Date(clock - secondsAgo * 1000).toISOString();
  return { ...of, metadata: { ...of.metadata, deletionTimestamp } };
}

function issue(tokens: ServiceAccountTokens, binding = {}): ReturnType<ServiceAccountTokens['issue']> {
  return tokens.issue({ namespace: 'default', name: 'robot', uid: 'u1' }, [ISSUER], 3600, binding);
}

test.run();
