/** What a namespace may use, counted. Source: Kubernetes v1.36, test/e2e/apimachinery/resource_quota.go. */
import * as assert from 'uvu/assert';
import { ownerOf, podOf, turned } from '../kit/pods.ts';
import { type Body, refused } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

const NAME = 'test-quota';
const HARD = {
  cpu: '1',
  memory: '500Mi',
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  configmaps: '10',
  secrets: '10',
  'count/replicasets.apps': '5',
};

export const QUOTAS: readonly Row[] = [
  { id: 'C029', run: statusChanges },
  {
    id: 'C030',
    async run(check) {
      const own = check.namespaced('v1', 'resourcequotas');
      await own.create(quota(NAME, { cpu: '500m', memory: '500Mi' }));
      await own.change(NAME, (object) => ({ ...object, spec: { hard: { cpu: '1', memory: '1Gi' } } }));
      const { spec } = await own.get(NAME);
      assert.equal(spec.hard, { cpu: '1', memory: '1Gi' });
      await counted(check, NAME, { cpu: '0', memory: '0' });
      await own.delete(NAME);
      refused(await check.api.get(`${own.path}/${NAME}`), 404, 'NotFound');
    },
  },
  {
    id: 'C031',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      await turned(maps, 'kube-root-ca.crt', 'is there', () => true);
      const before = (await maps.list()).items.length;
      await lives(check, 'configmaps', before, maps, { metadata: { name: 'test-configmap' }, data: { a: 'b' } });
    },
  },
  { id: 'C032', run: podLife },
  {
    id: 'C033',
    run: (check) =>
      lives(
        check,
        'count/replicasets.apps',
        0,
        check.namespaced('apps/v1', 'replicasets'),
        ownerOf('ReplicaSet', 'rs', 0),
      ),
  },
  {
    id: 'C034',
    run: (check) =>
      lives(
        check,
        'replicationcontrollers',
        0,
        check.namespaced('v1', 'replicationcontrollers'),
        ownerOf('ReplicationController', 'rc', 0),
      ),
  },
  {
    id: 'C035',
    run: (check) =>
      lives(check, 'secrets', 0, check.namespaced('v1', 'secrets'), {
        metadata: { name: 's' },
        stringData: { a: 'b' },
      }),
  },
  { id: 'C036', run: serviceLife },
  {
    id: 'C037',
    async run(check) {
      await check.namespaced('v1', 'resourcequotas').create(quota(NAME, HARD));
      const { status } = await counted(check, NAME, { pods: '0', resourcequotas: '1', services: '0' });
      assert.equal(status.hard, HARD);
    },
  },
  {
    id: 'C039',
    run: (check) =>
      scoped(check, ['BestEffort', 'NotBestEffort'], {
        first: {},
        second: { containers: [{ name: 'c', image: 'pause', resources: withResources('100m', '50Mi') }] },
      }),
  },
  {
    id: 'C040',
    run: (check) =>
      scoped(check, ['Terminating', 'NotTerminating'], { first: { activeDeadlineSeconds: 3600 }, second: {} }),
  },
];

const withResources = (cpu: string, memory: string): object => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});

function quota(name: string, hard: object, scopes?: string[]): Body {
  return { metadata: { name }, spec: { hard, ...(scopes && { scopes }) } };
}

/** Waits until so much is used. */
function counted(check: Check, name: string, used: Record<string, string>): Promise<Body> {
  const wanted = Object.entries(used);
  return turned(check.namespaced('v1', 'resourcequotas'), name, `has counted ${JSON.stringify(used)}`, ({ status }) =>
    wanted.every(([resource, amount]) => status.used?.[resource] === amount),
  );
}

/** The count rises with an object and falls with its end. */
async function lives(
  check: Check,
  resource: string,
  before: number,
  own: ReturnType<Check['namespaced']>,
  object: Body,
): Promise<void> {
  await check.namespaced('v1', 'resourcequotas').create(quota(NAME, HARD));
  await counted(check, NAME, { [resource]: String(before) });
  await own.create(object);
  await counted(check, NAME, { [resource]: String(before + 1) });
  await own.delete(object.metadata.name);
  await counted(check, NAME, { [resource]: String(before) });
}

async function podLife(check: Check): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  const asking = (name: string, cpu: string, memory: string): Body =>
    podOf(name, {}, { containers: [{ name: 'c', image: 'pause', resources: { requests: { cpu, memory } } }] });
  await check.namespaced('v1', 'resourcequotas').create(quota(NAME, HARD));
  await counted(check, NAME, { pods: '0' });
  await pods.create(asking('fits', '500m', '252Mi'));
  const used = { pods: '1', cpu: '500m', memory: '252Mi' };
  await counted(check, NAME, used);
  const tooMuch = await check.api.post(pods.path, asking('too-much', '600m', '100Mi'));
  assert.match(refused(tooMuch, 403, 'Forbidden').message, /exceeded quota: test-quota, requested: cpu=600m/);
  const unbounded = await check.api.post(pods.path, podOf('unbounded'));
  assert.match(refused(unbounded, 403, 'Forbidden').message, /must specify cpu/);
  await counted(check, NAME, used);
  await pods.delete('fits', { gracePeriodSeconds: 0 });
  await counted(check, NAME, { pods: '0', cpu: '0', memory: '0' });
}

async function serviceLife(check: Check): Promise<void> {
  const services = check.namespaced('v1', 'services');
  const of = (name: string, type: string): Body => ({ metadata: { name }, spec: { type, ports: [{ port: 80 }] } });
  await check.namespaced('v1', 'resourcequotas').create(quota(NAME, HARD));
  await counted(check, NAME, { services: '0' });
  await services.create(of('cluster', 'ClusterIP'));
  await services.create(of('node', 'NodePort'));
  await counted(check, NAME, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  refused(await check.api.post(services.path, of('balancer', 'LoadBalancer')), 403, 'Forbidden');
  await services.delete('cluster');
  await services.delete('node');
  await counted(check, NAME, { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
}

/** Each pod counts only in the quota whose scope it is of. */
async function scoped(
  check: Check,
  scopes: [string, string],
  { first, second }: { first: object; second: object },
): Promise<void> {
  const own = check.namespaced('v1', 'resourcequotas');
  const names = scopes.map((scope) => `quota-${scope.toLowerCase()}`);
  for (const [i, name] of names.entries()) {
    await own.create(quota(name, { pods: '5' }, [scopes[i]]));
    await counted(check, name, { pods: '0' });
  }
  const pods = check.namespaced('v1', 'pods');
  for (const [i, spec] of [first, second].entries()) {
    await pods.create(podOf(`pod-${i}`, {}, spec));
    await counted(check, names[i], { pods: '1' });
    await counted(check, names[1 - i], { pods: '0' });
    await pods.delete(`pod-${i}`, { gracePeriodSeconds: 0 });
    await counted(check, names[i], { pods: '0' });
  }
}

/** What stands in /status is changed by itself, and the spec is not. */
async function statusChanges(check: Check): Promise<void> {
  const own = check.namespaced('v1', 'resourcequotas');
  const hard = { cpu: '500m', memory: '500Mi' };
  await own.create(quota(NAME, hard));
  await counted(check, NAME, { cpu: '0', memory: '0' });
  const updated = await own.change(
    NAME,
    (object) => ({
      ...object,
      spec: { hard: { cpu: '7' } },
      status: { ...object.status, hard: { cpu: '1', memory: '1Gi' } },
    }),
    'status',
  );
  assert.equal(updated.status.hard, { cpu: '1', memory: '1Gi' });
  assert.equal(updated.spec.hard, hard);
  const patched = await own.patch(NAME, 'merge', { status: { hard: { cpu: '2' } } }, 'status');
  assert.is(patched.status.hard.cpu, '2');
  assert.equal(patched.spec.hard, hard);
  await turned(own, NAME, 'is counted anew', ({ status }) => status.hard.cpu === '500m');
}
