/** Claims and volumes that are deleted while they are used stay until they are not. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainPod, startApi, type TestServer } from '../../../support/api-server.ts';

const CORE = '/api/v1/namespaces/default';
const CLAIMS = `${CORE}/persistentvolumeclaims`;
const VOLUMES = '/api/v1/persistentvolumes';

const test = suite<{ api: TestServer }>('volume protection');
test.before(async (context) => {
  context.api = await startApi();
});
test.after(({ api }) => api.close());

const claim = (name: string): object => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

async function gone(api: TestServer, path: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if ((await api.get(path)).code === 404) return;
    await new Promise((next) => setTimeout(next, 5));
  }
  throw new Error(`${path} is still there`);
}

const cases = [
  { name: 'by name', claim: 'named', volume: { name: 'data', persistentVolumeClaim: { claimName: 'named' } } },
  {
    name: 'by an ephemeral volume',
    claim: 'user-data',
    volume: { name: 'data', ephemeral: { volumeClaimTemplate: { spec: (claim('x') as { spec: object }).spec } } },
  },
];
for (const { name, claim: claimName, volume } of cases) {
  test(`a claim that a pod on a node uses ${name} goes after the pod`, async ({ api }) => {
    assert.is((await api.post(CLAIMS, claim(claimName))).code, 201);
    await api.post('/api/v1/nodes', { metadata: { name: 'n' } });
    const pod = plainPod('user', { nodeName: 'n', volumes: [volume] });
    assert.is((await api.post(`${CORE}/pods`, pod)).code, 201);
    const { body } = await api.delete(`${CLAIMS}/${claimName}`);
    assert.equal(body.metadata.finalizers, ['kubernetes.io/pvc-protection']);
    await api.post(CLAIMS, claim(`${claimName}-after`)); // A change of claims is looked at, and changes nothing.
    assert.is((await api.get(`${CLAIMS}/${claimName}`)).code, 200);
    await api.delete(`${CORE}/pods/user`, { gracePeriodSeconds: 0 });
    await gone(api, `${CLAIMS}/${claimName}`);
  });
}

test('a claim goes at once where its pod has no node', async ({ api }) => {
  await api.post(CLAIMS, claim('waiting'));
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'waiting' } }];
  assert.is((await api.post(`${CORE}/pods`, plainPod('unscheduled', { volumes }))).code, 201);
  await api.delete(`${CLAIMS}/waiting`);
  await gone(api, `${CLAIMS}/waiting`);
});

test('a volume goes when it is no longer bound', async ({ api }) => {
  const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } };
  assert.is((await api.post(VOLUMES, { metadata: { name: 'pv' }, spec })).code, 201);
  await api.patch(`${VOLUMES}/pv/status`, 'merge', { status: { phase: 'Bound' } });
  await api.delete(`${VOLUMES}/pv`);
  await api.post(CLAIMS, claim('other'));
  assert.is((await api.get(`${VOLUMES}/pv`)).code, 200);
  await api.patch(`${VOLUMES}/pv/status`, 'merge', { status: { phase: 'Released' } });
  await gone(api, `${VOLUMES}/pv`);
});

test.run();
