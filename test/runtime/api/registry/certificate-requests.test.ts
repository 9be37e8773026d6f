/** Certificate signing requests: what may be asked for, who asks, and what an approval may write. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, startApi, type TestServer } from '../../../support/api-server.ts';
import { sampleOf } from '../../../support/every-kind.ts';

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

const test = suite<{ api: TestServer }>('certificate requests');
test.before(async (context) => {
  context.api = await startApi();
});
test.after(({ api }) => api.close());

interface Request {
  metadata: { name: string };
  spec: Record<string, unknown>;
}

function request(api: TestServer, name: string, spec: object = {}): Request {
  const kind = api.server.kinds.find('certificates.k8s.io', 'v1', 'certificatesigningrequests');
  assert.ok(kind);
  const sample = sampleOf(kind, name) as unknown as Request;
  return { ...sample, spec: { ...sample.spec, ...spec } };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pem = (bytes: string): string =>
  base64(`-----BEGIN CERTIFICATE REQUEST-----\n${base64(bytes)}\n-----END CERTIFICATE REQUEST-----\n`);
const BLOCK = 'PEM block type must be CERTIFICATE REQUEST';

const REFUSED: readonly (readonly [sentence: string, spec: object, field: string, says: RegExp])[] = [
  ['no request', { request: '' }, 'spec.request', new RegExp(BLOCK)],
  ['a request that is no PEM', { request: base64('hello') }, 'spec.request', new RegExp(BLOCK)],
  ['a request with nothing in it', { request: pem('') }, 'spec.request', /asn1/],
  ['a request that is no DER', { request: pem('hello') }, 'spec.request', /asn1/],
  ['a length beyond the end', { request: pem('\x30\x7f\x30\x00') }, 'spec.request', /asn1/],
  ['a length without end', { request: pem('\x30\x84\x7f') }, 'spec.request', /asn1/],
  ['a sequence of other things', { request: pem('\x30\x03\x02\x01\x00') }, 'spec.request', /asn1: structure error/],
  ['no usages', { usages: [] }, 'spec.usages', /^Required value: usages are required/],
  ['an unknown usage', { usages: ['client auth', 'fun'] }, 'spec.usages[1]', /^Unsupported value: "fun"/],
  ['a usage named twice', { usages: ['any', 'any'] }, 'spec.usages[1]', /^Duplicate value: "any"/],
  ['no signer', { signerName: '' }, 'spec.signerName', /^Required value/],
  ['a signer without a path', { signerName: 'example.com' }, 'spec.signerName', /fully qualified domain and path/],
  ['a signer of two paths', { signerName: 'example.com/a/b' }, 'spec.signerName', /fully qualified domain and path/],
  ['a signer without a domain', { signerName: 'example/a' }, 'spec.signerName', /at least two segments/],
  ['a signer in capitals', { signerName: 'Example.com/a' }, 'spec.signerName', /^Invalid value: "Example.com"/],
  ['the signer of old', { signerName: 'kubernetes.io/legacy-unknown' }, 'spec.signerName', /legacy signerName/],
  ['nine minutes', { expirationSeconds: 599 }, 'spec.expirationSeconds', /less than 600 seconds/],
];
for (const [sentence, spec, field, says] of REFUSED) {
  test(`refused: ${sentence}`, async ({ api }) => {
    const { code, body, text } = await api.post(REQUESTS, request(api, 'refused', spec));
    assert.is(code, 422, text);
    const causes = body.details.causes as { field: string; message: string }[];
    const found = causes.find((cause) => cause.field === field);
    assert.match(found?.message ?? text, says);
  });
}

test('taken: ten minutes, and every usage', async ({ api }) => {
  const usages = ['digital signature', 'key encipherment', 'server auth'];
  const made = await api.post(REQUESTS, request(api, 'taken', { expirationSeconds: 600, usages }));
  assert.is(made.code, 201, made.text);
});

test('who asks is written down, whatever the body says, and stays', async ({ api }) => {
  const made = await api.post(
    REQUESTS,
    request(api, 'mine', { username: 'root', groups: ['system:masters'], uid: '1' }),
  );
  assert.is(made.code, 201, made.text);
  assert.is(made.body.spec.username, 'kubernetes-admin');
  const { uid: _, ...changed } = made.body.spec;
  const put = await api.put(`${REQUESTS}/mine`, { ...made.body, spec: { ...changed, username: 'other' } });
  assert.is(put.code, 200, put.text);
  assert.equal(put.body.spec, made.body.spec);
});

type Condition = { type?: string; status?: string; reason?: string };
const APPROVED: Condition = { type: 'Approved', status: 'True', reason: 'Fine' };
const DENIED: Condition = { type: 'Denied', status: 'True' };

const APPROVALS: readonly (readonly [
  sentence: string,
  first: Condition[],
  then: Condition[],
  says: RegExp | undefined,
])[] = [
  ['approved', [], [APPROVED], undefined],
  ['denied', [], [DENIED], undefined],
  ['approved and denied', [], [APPROVED, DENIED], /mutually exclusive/],
  ['denied after it was approved', [APPROVED], [APPROVED, DENIED], /mutually exclusive/],
  ['approved no more', [APPROVED], [], /may not remove a condition of type "Approved"/],
  ['denied instead', [APPROVED], [DENIED], /may not remove a condition of type "Approved"/],
  ['approved, but not truly', [], [{ ...APPROVED, status: 'False' }], /Unsupported value: "False"/],
  ['approved, nobody knows', [], [{ type: 'Approved' }], /status: Required value/],
  ['approved twice', [], [APPROVED, APPROVED], /Duplicate value: "Approved"/],
  ['a condition without a name', [], [{ status: 'True' }], /type: Required value/],
  ['a condition of another kind', [], [{ type: 'Seen', status: 'Unknown' }], undefined],
  ['approved for another reason', [APPROVED], [{ ...APPROVED, reason: 'Else' }], undefined],
];
for (const [i, [sentence, first, then, says]] of APPROVALS.entries()) {
  test(`${says ? 'refused' : 'taken'}: ${sentence}`, async ({ api }) => {
    const name = `approval-${i}`;
    const made = await api.post(REQUESTS, request(api, name));
    assert.is(made.code, 201, made.text);
    const approve = (object: object, conditions: Condition[]): Promise<Answer> =>
      api.put(`${REQUESTS}/${name}/approval`, { ...object, status: { conditions } });
    let { body } = made;
    if (first.length > 0) ({ body } = await approve(body, first));
    const answer = await approve(body, then);
    if (says === undefined) {
      assert.is(answer.code, 200, answer.text);
      assert.equal(
        answer.body.status.conditions.map(({ type }: Condition) => type),
        then.map(({ type }) => type),
      );
    } else {
      assert.is(answer.code, 422, answer.text);
      assert.match(answer.body.message, says);
    }
  });
}

test('an approval is not written through the status, nor taken away by it', async ({ api }) => {
  await api.post(REQUESTS, request(api, 'status'));
  const path = `${REQUESTS}/status`;
  const none = await api.patch(`${path}/status`, 'merge', { status: { conditions: [APPROVED] } });
  assert.is(none.body.status.conditions, undefined, none.text);
  await api.patch(`${path}/approval`, 'merge', { status: { conditions: [APPROVED] } });
  const kept = await api.patch(`${path}/status`, 'merge', { status: { conditions: [], certificate: 'Yg==' } });
  assert.is(kept.body.status.conditions[0].type, 'Approved');
});

test('who may write approvals, but not for this signer, approves nothing', async ({ api }) => {
  await api.post(REQUESTS, request(api, 'guarded', { signerName: 'guarded.example.com/a' }));
  const approvals = {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/approval'],
    verbs: ['*'],
  };
  const signers = (resourceNames: string[]): object => ({
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    verbs: ['approve'],
    resourceNames,
  });
  const rows: [user: string, rules: object[], code: number][] = [
    ['nothing-more', [approvals], 403],
    ['another-signer', [approvals, signers(['other.example.com/a'])], 403],
    ['another-path', [approvals, signers(['guarded.example.com/b'])], 403],
    ['this-signer', [approvals, signers(['guarded.example.com/a'])], 200],
    ['all-of-the-domain', [approvals, signers(['guarded.example.com/*'])], 200],
  ];
  for (const [name, rules, code] of rows) {
    await api.post(`${RBAC}/clusterroles`, { metadata: { name }, rules });
    await api.post(`${RBAC}/clusterrolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    });
    const headers = { 'impersonate-user': name, 'content-type': 'application/merge-patch+json' };
    const body = { status: { conditions: [APPROVED] } };
    const answer = await api.ask('PATCH', `${REQUESTS}/guarded/approval`, { headers, body });
    assert.is(answer.code, code, `${name}: ${answer.text}`);
    if (code === 403)
      assert.match(
        answer.body.message,
        /user not permitted to approve requests with signerName "guarded.example.com\/a"/,
      );
  }
});

test.run();
