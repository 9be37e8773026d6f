/** Jobs and their controller. Source: Kubernetes v1.36, test/e2e/apps/job.go. */
import * as assert from 'uvu/assert';
import { controllerOf, turned } from '../kit/pods.ts';
import { type Body, eventually, labelled, names, refused, seen } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

/** A made-up pod of a Job would be done after a second. */
const RUN = 'keelson.dev/made-up-run';
const EXIT_CODE = 'keelson.dev/made-up-exit-code';
const LONG = { [RUN]: '1h' };

export const JOBS: readonly Row[] = [
  {
    id: 'C067',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await jobs(check).create(job('adopt-release', { parallelism: 2, completions: 2 }, LONG));
      await active(check, 'adopt-release', 2);
      const [{ metadata }] = await podsOf(check, 'adopt-release');
      await pods.patch(metadata.name, 'json', [{ op: 'remove', path: '/metadata/ownerReferences' }]);
      await turned(pods, metadata.name, 'is adopted anew', (pod) => controllerOf(pod)?.name === 'adopt-release');
      await pods.patch(metadata.name, 'json', [{ op: 'replace', path: '/metadata/labels', value: { other: 'one' } }]);
      await turned(pods, metadata.name, 'is released', (pod) => controllerOf(pod) === undefined);
      await active(check, 'adopt-release', 2);
    },
  },
  {
    id: 'C068',
    async run(check) {
      const onPodConditions = [{ type: 'DisruptionTarget', status: 'True' }];
      const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions }] };
      await jobs(check).create(job('ignored', { backoffLimit: 0, podFailurePolicy }, { [RUN]: '2s' }));
      await active(check, 'ignored', 1);
      const [{ metadata }] = await podsOf(check, 'ignored');
      const path = `${check.namespaced('v1', 'pods').path}/${metadata.name}/eviction`;
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name } };
      const answer = await check.api.post(path, body);
      assert.is(answer.code, 201, answer.text);
      const { status } = await over(check, 'ignored', 'Complete');
      assert.is(status.failed ?? 0, 0, 'the evicted one does not count');
      assert.is(status.succeeded, 1);
    },
  },
  {
    id: 'C069',
    async run(check) {
      const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } };
      const spec = { backoffLimit: 6, podFailurePolicy: { rules: [rule] } };
      await jobs(check).create(job('fails-early', spec, { [RUN]: '100ms', [EXIT_CODE]: '1' }));
      const { status } = await over(check, 'fails-early', 'Failed');
      const condition = status.conditions.find(({ type }: Body) => type === 'Failed');
      assert.is(condition.reason, 'PodFailurePolicy');
      assert.match(condition.message, /failed with exit code 1 matching FailJob rule at index 0/);
      assert.is(status.failed, 1);
    },
  },
  {
    id: 'C071',
    async run(check) {
      const spec = { parallelism: 2, completions: 4, completionMode: 'Indexed' };
      await jobs(check).create(job('indexed', spec, { [RUN]: '200ms' }));
      const { status } = await over(check, 'indexed', 'Complete');
      assert.is(status.completedIndexes, '0-3');
      assert.is(status.succeeded, 4);
      const KEY = 'batch.kubernetes.io/job-completion-index';
      const pods = (await podsOf(check, 'indexed')).filter((pod) => pod.status.phase === 'Succeeded');
      assert.equal(pods.map(({ metadata }) => metadata.annotations[KEY]).sort(), ['0', '1', '2', '3']);
      for (const { metadata, spec: of } of pods) {
        const index = metadata.annotations[KEY];
        assert.is(of.hostname, `indexed-${index}`);
        assert.is(metadata.labels[KEY], index);
        const variable = of.containers[0].env.find(({ name }: Body) => name === 'JOB_COMPLETION_INDEX');
        assert.is(variable.valueFrom.fieldRef.fieldPath, `metadata.labels['${KEY}']`);
        assert.match(metadata.name, new RegExp(`^indexed-${index}-`));
      }
    },
  },
  {
    id: 'C072',
    async run(check) {
      await jobs(check).create(job('foo', { parallelism: 2, completions: 2 }, LONG));
      await active(check, 'foo', 2);
      assert.is((await turned(jobs(check), 'foo', 'has two', ({ status }) => status.active === 2)).status.active, 2);
      await jobs(check).delete('foo', { propagationPolicy: 'Background' });
      await jobs(check).gone('foo');
      await eventually('its pods go', async () => (await podsOf(check, 'foo')).length === 0);
    },
  },
  { id: 'C073', run: lifecycle },
];

const jobs = (check: Check) => check.namespaced('batch/v1', 'jobs');

function job(name: string, spec: object, annotations: object): Body {
  const containers = [{ name: 'c', image: 'busybox' }];
  const template = { metadata: { annotations }, spec: { restartPolicy: 'Never', containers } };
  return { metadata: { name }, spec: { template, ...spec } };
}

async function podsOf(check: Check, name: string): Promise<Body[]> {
  return (await check.namespaced('v1', 'pods').list(labelled({ 'batch.kubernetes.io/job-name': name }))).items;
}

function active(check: Check, name: string, count: number): Promise<void> {
  return eventually(`${count} pods of ${name} run`, async () => {
    const pods = await podsOf(check, name);
    return pods.filter((pod) => pod.status.phase === 'Running' && !pod.metadata.deletionTimestamp).length === count;
  });
}

function over(check: Check, name: string, how: 'Complete' | 'Failed'): Promise<Body> {
  return turned(jobs(check), name, `is ${how}`, ({ status }) => {
    return status.conditions?.some(({ type, status: is }: Body) => type === how && is === 'True') === true;
  });
}

async function lifecycle(check: Check): Promise<void> {
  const own = jobs(check);
  const labels = { 'e2e-job-label': check.unique };
  const query = labelled(labels);
  const watch = own.watch(query);
  const suspended = job('e2e', { parallelism: 2, completions: 4, suspend: true }, { [RUN]: '200ms' });
  await own.create({ ...suspended, metadata: { ...suspended.metadata, labels } });
  await seen(watch, 'ADDED');
  await turned(own, 'e2e', 'says that it is suspended', ({ status }) =>
    status.conditions?.some(({ type, status: is }: Body) => type === 'Suspended' && is === 'True'),
  );
  assert.equal(await podsOf(check, 'e2e'), []);
  await own.patch('e2e', 'strategic', { metadata: { labels: { patched: 'true' } } });
  await seen(watch, 'MODIFIED', ({ metadata }) => metadata.labels.patched === 'true');
  await own.change('e2e', (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { updated: 'true' } },
    spec: { ...object.spec, suspend: false },
  }));
  await seen(watch, 'MODIFIED', ({ metadata }) => metadata.annotations?.updated === 'true');
  const { status } = await over(check, 'e2e', 'Complete');
  assert.is(status.succeeded, 4);
  assert.ok(status.startTime && status.completionTime);
  assert.is(status.conditions.find(({ type }: Body) => type === 'Suspended').status, 'False');
  assert.equal(names(await check.everywhere('batch/v1', 'jobs').list(query)), ['e2e']);
  // Without a word the pods of a Job stay.
  await own.deleteCollection(`${query}&propagationPolicy=Background`);
  await seen(watch, 'DELETED');
  refused(await check.api.get(`${own.path}/e2e`), 404, 'NotFound');
  await eventually('its pods go', async () => (await podsOf(check, 'e2e')).length === 0);
  watch.stop();
}
