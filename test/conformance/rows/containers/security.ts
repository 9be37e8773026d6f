/** As whom containers run, and what they may. Source: Kubernetes v1.36, test/e2e/{common/node,node}/security_context.go, test/e2e/auth/service_accounts.go. */
import { X509Certificate } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as assert from 'uvu/assert';
import { containerOf, inPhase, logOf, podWith, printed, statusOf } from '../../kit/containers.ts';
import { type Body, held } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export const SECURITY: readonly Row[] = [
  {
    id: 'C198',
    async run(check) {
      const securityContext = { readOnlyRootFilesystem: true };
      const log = await printed(check, '{ echo test > /file || echo refused; } 2>&1; ls /', { securityContext });
      assert.match(log, /Read-only file system\nrefused/);
      assert.not.match(log, /^file$/m);
    },
  },
  {
    id: 'C236',
    telling: true,
    async run(check) {
      assert.is(await printed(check, 'id -u', { securityContext: { runAsUser: 65534 } }), '65534\n');
    },
  },
  {
    id: 'C237',
    async run(check) {
      const command = 'ip link add dummy0 type dummy 2>&1 || echo refused';
      assert.match(await printed(check, command, { securityContext: { privileged: false } }), /not permitted\nrefused/);
    },
  },
  {
    id: 'C238',
    async run(check) {
      const securityContext = { readOnlyRootFilesystem: false };
      assert.is(await printed(check, 'echo written > /file; cat /file', { securityContext }), 'written\n');
    },
  },
  {
    id: 'C239',
    async run(check) {
      const securityContext = { runAsUser: 1001, runAsGroup: 2002 };
      const spec = { securityContext: { runAsUser: 7, runAsGroup: 8 } };
      assert.is(await printed(check, 'id -u; id -g', { securityContext }, spec), '1001\n2002\n');
    },
  },
  {
    id: 'C240',
    async run(check) {
      const spec = { securityContext: { runAsUser: 1001, runAsGroup: 2002 } };
      assert.is(await printed(check, 'id -u; id -g', {}, spec), '1001\n2002\n');
    },
  },
  {
    id: 'C241',
    async run(check) {
      // A program of root's, with the set-user-ID bit, which ends with the user that it runs as.
      const of = (name: string, allowPrivilegeEscalation: boolean): Body =>
        containerOf(name, ['euid'], { securityContext: { runAsUser: 42, allowPrivilegeEscalation } });
      const pod = podWith('escalates', [of('forbidden', false), of('allowed', true)]);
      await check.namespaced('v1', 'pods').create(pod);
      const ended = await inPhase(check, 'escalates', 'Failed');
      assert.is(statusOf(ended, 'forbidden').state.terminated.exitCode, 42);
      assert.is(statusOf(ended, 'allowed').state.terminated.exitCode, 0, 'the program would escalate');
    },
  },
  { id: 'C097', run: validatesTokens },
  {
    id: 'C098',
    async run(check) {
      const accounts = check.namespaced('v1', 'serviceaccounts');
      await accounts.create({ metadata: { name: 'mounts' } });
      await accounts.create({ metadata: { name: 'no-mount' }, automountServiceAccountToken: false });
      for (const [account, pod, mounted] of [
        ['mounts', undefined, true],
        ['mounts', true, true],
        ['mounts', false, false],
        ['no-mount', undefined, false],
        ['no-mount', true, true],
        ['no-mount', false, false],
      ] as const) {
        const name = `${account}-${pod}`;
        const automount = pod === undefined ? {} : { automountServiceAccountToken: pod };
        const command = `test -e ${MOUNT}/token && echo mounted || echo absent`;
        const spec = { serviceAccountName: account, ...automount };
        await check.namespaced('v1', 'pods').create(podWith(name, [containerOf('main', command)], spec));
        await inPhase(check, name, 'Succeeded');
        assert.is(await logOf(check, name), mounted ? 'mounted\n' : 'absent\n', name);
      }
    },
  },
  {
    id: 'C100',
    async run(check) {
      const accounts = check.namespaced('v1', 'serviceaccounts');
      await accounts.create({ metadata: { name: 'mount-test' } });
      const command = `cd ${MOUNT}; for f in token ca.crt namespace; do cat $f; echo; echo --; done`;
      const log = await printed(check, command, {}, { serviceAccountName: 'mount-test' });
      const [token, authority, namespace] = log.split('\n--\n');
      assert.is(namespace, check.namespace);
      assert.ok(new X509Certificate(authority.trim()).ca, 'the authority is one');
      const user = `system:serviceaccount:${check.namespace}:mount-test`;
      const review = { spec: { token } };
      const { status } = held(await check.api.post('/apis/authentication.k8s.io/v1/tokenreviews', review), 201);
      // A token is good as long as its pod, which has ended and is there.
      assert.is(status.authenticated, true, JSON.stringify(status));
      assert.is(status.user.username, user);
      assert.ok(status.user.groups.includes(`system:serviceaccounts:${check.namespace}`));
    },
  },
  {
    id: 'C101',
    async run(check) {
      const serviceAccountToken = { path: 'token', expirationSeconds: 7200, audience: 'vault' };
      const volumes = [{ name: 'v', projected: { sources: [{ serviceAccountToken }] } }];
      const volumeMounts = [{ name: 'v', mountPath: '/test-volume' }];
      const log = await printed(check, 'cat /test-volume/token', { volumeMounts }, { volumes });
      const { aud, sub, exp = 0, iat = 0 } = decodeJwt(log);
      assert.equal(aud, ['vault']);
      assert.is(sub, `system:serviceaccount:${check.namespace}:default`);
      assert.ok(exp - iat >= 7200);
    },
  },
];

/** A pod's token is checked with nothing but what the issuer itself serves. */
async function validatesTokens(check: Check): Promise<void> {
  const token = (await printed(check, `cat ${MOUNT}/token`)).trim();
  const discovery = await check.api.get('/.well-known/openid-configuration');
  const { issuer, jwks_uri, response_types_supported, subject_types_supported } = held(discovery, 200);
  assert.ok(response_types_supported.includes('id_token'));
  assert.ok(subject_types_supported.includes('public'));
  assert.is(decodeJwt(token).iss, issuer);
  const { text } = await check.api.get(new URL(jwks_uri).pathname);
  const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(text)), { issuer });
  assert.is(payload.sub, `system:serviceaccount:${check.namespace}:default`);
}
