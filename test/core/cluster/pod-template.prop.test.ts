/** Pods share a template exactly when nothing that a plugin reads tells them apart. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PodTemplates } from '../../../core/cluster/pod-template.ts';
import type { Pod } from '../../../core/objects/types.ts';
import { decisionCases } from '../../support/arbitraries.ts';

const pods = decisionCases().map(({ pod }) => pod);
const templates = (): PodTemplates => new PodTemplates(() => 3);

test('a copy of a pod, with another name, is of the same make', () => {
  fc.assert(
    fc.property(pods, (pod) => {
      const made = templates();
      const copy = structuredClone(pod);
      copy.metadata.name = 'other';
      copy.metadata.uid = 'other';
      assert.is(made.of(copy), made.of(pod));
    }),
    { numRuns: 300 },
  );
});

test('what is known at a glance is what the text says', () => {
  fc.assert(
    fc.property(fc.array(pods, { minLength: 2, maxLength: 12, size: 'max' }), (list) => {
      const recent = templates();
      for (const pod of list) assert.is(recent.of(structuredClone(pod)).text, templates().of(pod).text);
    }),
    { numRuns: 300 },
  );
});

/** One field changed: every plugin may answer otherwise. */
const changes: [string, (pod: Pod) => void][] = [
  ['namespace', (pod) => void (pod.metadata.namespace = 'elsewhere')],
  ['a label', (pod) => void (pod.metadata.labels = { ...pod.metadata.labels, more: 'x' })],
  ['priority', (pod) => void (pod.spec.priority = 77)],
  ['an image', (pod) => void (pod.spec.containers[0].image = 'another')],
  ['a request', (pod) => void (pod.spec.containers[0].resources = { requests: { cpu: '77m' } })],
  ['a number for a text', (pod) => void (pod.spec.containers[0].resources = { requests: { cpu: 77 } })],
  ['a host port', (pod) => void (pod.spec.containers[0].ports = [{ containerPort: 1, hostPort: 7777 }])],
  ['a container', (pod) => void pod.spec.containers.push({ name: 'more' })],
  ['tolerations', (pod) => void (pod.spec.tolerations = [{ key: 'other' }])],
  ['nodeSelector', (pod) => void (pod.spec.nodeSelector = { other: 'x' })],
  [
    'affinity',
    (pod) => {
      const topologyKey = 'of nobody else';
      pod.spec.affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } };
    },
  ],
  ['overhead', (pod) => void (pod.spec.overhead = { cpu: '1m' })],
  ['pod-level resources', (pod) => void (pod.spec.resources = { requests: { cpu: '1' } })],
  ['a claim', (pod) => void (pod.spec.volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'other' } }])],
  [
    'the controller',
    (pod) => {
      pod.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'K', name: 'n', uid: 'u', controller: true }];
    },
  ],
  ['a deletion', (pod) => void (pod.metadata.deletionTimestamp = '2026-01-01T00:00:00Z')],
];
for (const [name, change] of changes) {
  test(`a pod that differs in ${name} is of another make`, () => {
    fc.assert(
      fc.property(pods, (pod) => {
        const made = templates();
        const other = structuredClone(pod);
        change(other);
        assert.is.not(made.of(other), made.of(pod));
        assert.is.not(made.of(pod).text, made.of(other).text);
      }),
      { numRuns: 40 },
    );
  });
}

test.run();
