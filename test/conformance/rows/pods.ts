/** Pods, nodes and what pods are asked by. Source: Kubernetes v1.36, test/e2e/{common/node,node,scheduling}/*.go. */
import * as assert from 'uvu/assert';
import { everyVerb } from '../kit/every-verb.ts';
import { eventually, held, labelled, names, refused } from '../kit/resource.ts';
import type { Row } from '../row.ts';

export const PODS: readonly Row[] = [
  {
    id: 'C204',
    async run(check) {
      const nodes = check.everywhere('v1', 'nodes');
      const name = `e2e-fake-node-${check.unique}`;
      const labels = { [name]: 'created' };
      const condition = { type: 'Ready', status: 'True', reason: 'Test' };
      const created = await nodes.create({
        metadata: { name, labels },
        status: { phase: 'Running', conditions: [condition] },
      });
      assert.is(created.metadata.name, name);
      assert.is((await nodes.get(name)).status.conditions[0].type, 'Ready', 'a node brings its status along');
      const patched = await nodes.patch(name, 'strategic', { metadata: { labels: { [name]: 'patched' } } });
      assert.is(patched.metadata.labels[name], 'patched');
      assert.equal(names(await nodes.list(labelled({ [name]: 'patched' }))), [name]);
      const metadata = { ...patched.metadata, labels: { ...patched.metadata.labels, [name]: 'updated' } };
      assert.is((await nodes.update({ ...patched, metadata })).metadata.labels[name], 'updated');
      await nodes.delete(name);
      await nodes.gone(name);
      assert.equal(names(await nodes.list(labelled({ [name]: 'updated' }))), []);
    },
  },
  {
    id: 'C208',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      const amounts = { cpu: '100m', memory: '100Mi' };
      const classes: [string, object, string][] = [
        ['guaranteed', { requests: amounts, limits: amounts }, 'Guaranteed'],
        ['limited', { limits: amounts }, 'Guaranteed'],
        ['burstable', { requests: amounts, limits: { ...amounts, cpu: '200m' } }, 'Burstable'],
        ['besteffort', {}, 'BestEffort'],
      ];
      for (const [name, resources, qosClass] of classes) {
        const containers = [{ name: 'agnhost', image: 'agnhost', resources }];
        await pods.create({ metadata: { name: `pod-qos-${name}` }, spec: { containers } });
        assert.is((await pods.get(`pod-qos-${name}`)).status.qosClass, qosClass, name);
      }
    },
  },
  {
    id: 'C215',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podOf('pod-status', {}));
      await eventually('it runs', async () => (await pods.get('pod-status')).status.phase === 'Running');
      const patch = { status: { message: 'Patched by e2e test', reason: 'E2E' } };
      const patched = await pods.patch('pod-status', 'strategic', patch, 'status');
      assert.is(patched.status.message, 'Patched by e2e test');
      const { status, spec } = await pods.get('pod-status');
      assert.is(status.message, 'Patched by e2e test');
      assert.is(status.reason, 'E2E');
      assert.is(status.phase, 'Running');
      assert.equal(spec, patched.spec);
    },
  },
  {
    id: 'C230',
    async run(check) {
      const { path } = check.namespaced('v1', 'pods');
      const answer = await check.api.post(
        path,
        podOf('test-runtimeclass', { runtimeClassName: `${check.unique}-nonexistent` }),
      );
      refused(answer, 403, 'Forbidden');
      refused(await check.api.get(`${path}/test-runtimeclass`), 404, 'NotFound');
    },
  },
  {
    id: 'C231',
    run: (check) =>
      everyVerb(check, {
        groupVersion: 'node.k8s.io/v1',
        kind: 'RuntimeClass',
        plural: 'runtimeclasses',
        namespaced: false,
        make: (name) => ({
          apiVersion: 'node.k8s.io/v1',
          kind: 'RuntimeClass',
          metadata: { name },
          handler: `${name}-handler`,
        }),
        async meanwhile(own, object) {
          const { metadata } = object;
          const answer = await check.api.put(`${own.path}/${metadata.name}`, { ...object, handler: 'another' });
          refused(answer, 422, 'Invalid');
        },
      }),
  },
  {
    id: 'C254',
    async run(check) {
      const classes = check.everywhere('scheduling.k8s.io/v1', 'priorityclasses');
      const labels = { row: check.unique };
      for (const [i, name] of ['p1', 'p2'].entries()) {
        await classes.create({
          metadata: { name: `${check.unique}-${name}`, labels },
          value: 1000 + i,
          description: 'a class',
        });
      }
      const name = `${check.unique}-p1`;
      const object = await classes.get(name);
      assert.is(object.preemptionPolicy, 'PreemptLowerPriority');
      const frozen = 'may not be changed in an update';
      for (const type of ['merge', 'strategic'] as const) {
        const { message } = refused(
          await check.api.patch(`${classes.path}/${name}`, type, { value: 5 }),
          422,
          'Invalid',
        );
        assert.ok(message.includes(frozen), message);
      }
      refused(await check.api.put(`${classes.path}/${name}`, { ...object, value: 5 }), 422, 'Invalid');
      const patched = await classes.patch(name, 'merge', { description: 'patched', globalDefault: false });
      assert.is(patched.description, 'patched');
      const updated = await classes.update({ ...patched, description: 'updated' });
      assert.is(updated.value, 1000);
      assert.equal(names(await classes.list(labelled(labels))), [name, `${check.unique}-p2`]);
      held(await check.api.delete(`${classes.path}/${name}`), 200);
      await classes.deleteCollection(labelled(labels));
      assert.equal(names(await classes.list(labelled(labels))), []);
    },
  },
];

function podOf(name: string, spec: object): object {
  return { metadata: { name }, spec: { containers: [{ name: 'agnhost', image: 'agnhost' }], ...spec } };
}
