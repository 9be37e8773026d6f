/** The API of workloads; nothing here needs a controller. Source: Kubernetes v1.36, test/e2e/apps/*.go. */
import * as assert from 'uvu/assert';
import { annotated, everyVerb, statusConditions } from '../kit/every-verb.ts';
import { type Body, labelled, names, type Resource, refused } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const WORKLOADS: readonly Row[] = [
  {
    id: 'C046',
    run: (check) =>
      everyVerb(check, {
        groupVersion: 'batch/v1',
        kind: 'CronJob',
        plural: 'cronjobs',
        namespaced: true,
        subresources: ['status'],
        make: (name) => ({
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { name },
          spec: {
            schedule: '* */1 * * ?',
            suspend: true,
            concurrencyPolicy: 'Allow',
            jobTemplate: {
              spec: { parallelism: 1, completions: 1, template: podTemplate({ restartPolicy: 'OnFailure' }) },
            },
          },
        }),
        async meanwhile(own, { metadata: { name, uid } }) {
          const status = { lastScheduleTime: '2026-01-02T03:04:05Z' };
          const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status };
          const patched = await own.patch(name, 'merge', patch, 'status');
          assert.equal(patched.status, status);
          assert.is(patched.metadata.annotations.patchedstatus, 'true');
          await updatedStatus(own, patched, { lastScheduleTime: '2026-01-02T04:04:05Z' });
          assert.is((await own.get(name, 'status')).metadata.uid, uid);
        },
      }),
  },
  { id: 'C053', run: (check) => statusOf(check, 'daemonsets', 'DaemonSet') },
  { id: 'C061', run: (check) => statusOf(check, 'deployments', 'Deployment', { replicas: 1 }) },
  { id: 'C080', run: (check) => statusOf(check, 'replicasets', 'ReplicaSet', { replicas: 1 }) },
  { id: 'C094', run: (check) => statusOf(check, 'statefulsets', 'StatefulSet', { replicas: 1, serviceName: 'test' }) },
  {
    id: 'C070',
    async run(check) {
      const jobs = check.namespaced('batch/v1', 'jobs');
      const job = await jobs.create({
        metadata: { name: 'suspend-false-to-true' },
        spec: { parallelism: 2, completions: 4, template: podTemplate({ restartPolicy: 'Never' }) },
      });
      const { name } = job.metadata;
      const status = { startTime: '2026-01-02T03:04:05Z' };
      const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status };
      const patched = await jobs.patch(name, 'merge', patch, 'status');
      assert.is(patched.status.startTime, status.startTime);
      assert.is(patched.metadata.annotations.patchedstatus, 'true');
      await updatedStatus(jobs, patched, { ...patched.status, active: 2, ready: 0 });
      const read = await jobs.get(name, 'status');
      assert.is(read.metadata.uid, job.metadata.uid);
      assert.equal(read.spec, job.spec);
    },
  },
  {
    id: 'C091',
    async run(check) {
      const sets = check.namespaced('apps/v1', 'statefulsets');
      const name = 'test-ss';
      await sets.create(workload('StatefulSet', name, { [name]: 'here' }, { replicas: 1, serviceName: 'test' }));
      assert.equal(names(await check.everywhere('apps/v1', 'statefulsets').list(labelled({ [name]: 'here' }))), [name]);
      const patched = await sets.patch(name, 'strategic', {
        metadata: { labels: { [name]: 'patched' } },
        spec: {
          replicas: 2,
          template: { spec: { containers: [{ name: 'c', image: 'new' }], terminationGracePeriodSeconds: 0 } },
        },
      });
      assert.is(patched.spec.replicas, 2);
      assert.is(patched.metadata.labels[name], 'patched');
      assert.is(patched.metadata.generation, 2);
      const { containers, terminationGracePeriodSeconds } = patched.spec.template.spec;
      assert.equal(
        containers.map(({ image }: Body) => image),
        ['new'],
      );
      assert.is(terminationGracePeriodSeconds, 0);
      await sets.deleteCollection(labelled({ [name]: 'patched' }));
      await sets.gone(name);
    },
  },
  {
    id: 'C062',
    async run(check) {
      const other = await check.anotherNamespace();
      const labels = { 'e2e-list': check.unique };
      const own = check.namespaced('policy/v1', 'poddisruptionbudgets');
      const there = check.namespaced('policy/v1', 'poddisruptionbudgets', other);
      for (const [place, name] of [
        [own, 'foo'],
        [own, 'foo2'],
        [there, 'foo3'],
      ] as const) {
        await place.create(budget(name, { minAvailable: 1 }, labels));
      }
      await own.create(budget('unlabelled', { minAvailable: 1 }));
      const all = check.everywhere('policy/v1', 'poddisruptionbudgets');
      assert.equal(names(await all.list(labelled(labels))).sort(), ['foo', 'foo2', 'foo3']);
      assert.equal(names(await own.list(labelled(labels))), ['foo', 'foo2']);
      await own.deleteCollection(labelled(labels));
      assert.equal(names(await all.list(labelled(labels))), ['foo3']);
      assert.equal(names(await own.list()), ['unlabelled']);
    },
  },
  {
    id: 'C064',
    async run(check) {
      const budgets = check.namespaced('policy/v1', 'poddisruptionbudgets');
      const created = await budgets.create(budget('foo', { minAvailable: '1%' }));
      assert.is(created.spec.minAvailable, '1%');
      const updated = await budgets.update({ ...created, spec: { ...created.spec, minAvailable: '2%' } });
      assert.is(updated.spec.minAvailable, '2%');
      assert.is(updated.metadata.generation, 2);
      const patched = await budgets.patch('foo', 'merge', { spec: { minAvailable: '3%' } });
      assert.is(patched.spec.minAvailable, '3%');
      const both = { spec: { maxUnavailable: 1 } };
      refused(await check.api.patch(`${budgets.path}/foo`, 'merge', both), 422, 'Invalid');
      await budgets.delete('foo');
      await budgets.gone('foo');
    },
  },
  {
    id: 'C066',
    async run(check) {
      const budgets = check.namespaced('policy/v1', 'poddisruptionbudgets');
      const created = await budgets.create(budget('foo', { minAvailable: 1 }));
      // Of a pod that is not there the controller forgets that it was disrupted.
      const pod = {
        metadata: { name: 'pod-0', labels: { foo: 'bar' } },
        spec: { containers: [{ name: 'c', image: 'c' }] },
      };
      await check.namespaced('v1', 'pods').create(pod);
      const disruptedPods = { 'pod-0': `${new Date().toISOString().slice(0, 19)}Z` };
      const withPods = (now: Body): Body => ({ ...now, status: { ...now.status, disruptedPods } });
      const updated = await budgets.change('foo', withPods, 'status');
      assert.equal(updated.status.disruptedPods, disruptedPods);
      const patched = await budgets.patch('foo', 'merge', { status: { disruptedPods: null } }, 'status');
      assert.equal(patched.status.disruptedPods ?? {}, {});
      assert.is((await budgets.get('foo', 'status')).kind, 'PodDisruptionBudget');
      assert.equal(patched.spec, created.spec);
    },
  },
];

/** The answer holds every field of `status`; a controller may write others. */
async function updatedStatus(own: Resource, object: Body, status: Record<string, unknown>): Promise<void> {
  const updated = await own.update(annotated({ ...object, status }, 'updatedstatus', 'true'), 'status');
  for (const [field, value] of Object.entries(status)) assert.equal(updated.status[field], value, field);
  assert.is(updated.metadata.annotations.updatedstatus, 'true');
  assert.is((await own.get(object.metadata.name)).metadata.annotations.updatedstatus, 'true');
}

async function statusOf(check: Check, plural: string, kind: string, spec: object = {}): Promise<void> {
  const name = `test-${plural}`;
  const labels = { app: check.unique };
  await check.namespaced('apps/v1', plural).create(workload(kind, name, labels, spec));
  await statusConditions(check, { groupVersion: 'apps/v1', plural, name, query: labelled(labels) });
}

function workload(kind: string, name: string, labels: Record<string, string>, spec: object): Body {
  const template = podTemplate({}, labels);
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, labels },
    spec: { ...spec, selector: { matchLabels: labels }, template },
  };
}

function podTemplate(spec: object, labels?: Record<string, string>): object {
  return { ...(labels && { metadata: { labels } }), spec: { containers: [{ name: 'c', image: 'httpd' }], ...spec } };
}

function budget(name: string, spec: object, labels?: Record<string, string>): Body {
  return {
    metadata: { name, ...(labels && { labels }) },
    spec: { selector: { matchLabels: { foo: 'bar' } }, ...spec },
  };
}
