import { test } from 'uvu';
import type { LabelSelector, Pod, TopologySpreadConstraint } from '../../../../core/objects/types.ts';
import { node, object, pod, service } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const SPREAD = 'PodTopologySpread';
const tooSkewed = `${SPREAD} U: node(s) didn't match pod topology spread constraints`;
const noLabel = `${SPREAD} UAU: node(s) didn't match pod topology spread constraints (missing required label)`;
const app: LabelSelector = { matchLabels: { app: 'web' } };
const web = { app: 'web' };
const hard: TopologySpreadConstraint = {
  maxSkew: 1,
  topologyKey: 'zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: app,
};
const soft: TopologySpreadConstraint = { ...hard, whenUnsatisfiable: 'ScheduleAnyway' };
const incoming = (...topologySpreadConstraints: TopologySpreadConstraint[]): Pod =>
  pod('p', { labels: web, spec: { topologySpreadConstraints } });
const inZone = (name: string, zone: string) => node(name, { labels: { zone } });
const on = (name: string, where: string, parts = {}): Pod => pod(name, { on: where, labels: web, ...parts });

const zones = [inZone('a', 'z1'), inZone('b', 'z2'), node('c')];
const skewed = { nodes: zones, pods: [on('x', 'a')] };

runCases(`${SPREAD} filter`, [
  { name: 'a pod without constraints goes anywhere', ...skewed, pod: incoming(), expect: {} },
  {
    name: 'one pod ahead and one more is too much',
    ...skewed,
    pod: incoming(hard),
    expect: { rejected: { a: tooSkewed, c: noLabel } },
  },
  {
    name: 'with a skew of 2 it is not',
    ...skewed,
    pod: incoming({ ...hard, maxSkew: 2 }),
    expect: { rejected: { c: noLabel } },
  },
  {
    name: 'a pod that its own selector does not see adds nothing',
    ...skewed,
    pod: pod('p', { spec: { topologySpreadConstraints: [hard] } }),
    expect: { rejected: { c: noLabel } },
  },
  {
    name: 'pods of other namespaces and terminating ones are not counted',
    nodes: zones,
    pods: [
      on('x', 'a', { namespace: 'other' }),
      on('y', 'a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    ],
    pod: incoming(hard),
    expect: { rejected: { c: noLabel } },
  },
  {
    name: 'the selector {} counts no pod, only the incoming one itself',
    nodes: zones,
    pods: [on('x', 'a'), on('y', 'a')],
    pod: incoming({ ...hard, labelSelector: {} }),
    expect: { rejected: { c: noLabel } },
  },
  {
    name: 'no selector sees nothing, not even the pod itself',
    nodes: [inZone('a', 'z1')],
    pods: [on('x', 'a')],
    pod: incoming({ ...hard, labelSelector: undefined, minDomains: 9 }),
    expect: {},
  },
  {
    name: 'with fewer domains than minDomains the minimum is 0',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [on('x', 'a'), on('y', 'b')],
    pod: incoming({ ...hard, minDomains: 3 }),
    expect: { rejected: { a: tooSkewed, b: tooSkewed } },
  },
  {
    name: 'with exactly as many it is not',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [on('x', 'a'), on('y', 'b')],
    pod: incoming({ ...hard, minDomains: 2 }),
    expect: {},
  },
  {
    name: 'a node that lacks one of two keys is no domain of the other either',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2'), node('c', { labels: { zone: 'z3', rack: 'r' } })],
    pods: [on('x', 'a'), on('y', 'c')],
    pod: incoming(hard, { ...hard, topologyKey: 'rack', maxSkew: 9 }),
    // Only z3 is counted, so its one pod is the minimum.
    expect: { rejected: { a: noLabel, b: noLabel } },
  },
  {
    name: 'nodes that the pod cannot go to by affinity are no domains',
    ...skewed,
    pod: pod('p', { labels: web, spec: { nodeSelector: { zone: 'z1' }, topologySpreadConstraints: [hard] } }),
    expect: {
      rejected: {
        b: "NodeAffinity UAU: node(s) didn't match Pod's node affinity/selector",
        c: "NodeAffinity UAU: node(s) didn't match Pod's node affinity/selector",
      },
    },
  },
  {
    name: 'unless the policy says to ignore that',
    ...skewed,
    pod: pod('p', {
      labels: web,
      spec: { nodeSelector: { zone: 'z1' }, topologySpreadConstraints: [{ ...hard, nodeAffinityPolicy: 'Ignore' }] },
    }),
    expect: {
      rejected: {
        a: tooSkewed,
        b: "NodeAffinity UAU: node(s) didn't match Pod's node affinity/selector",
        c: "NodeAffinity UAU: node(s) didn't match Pod's node affinity/selector",
      },
    },
  },
  {
    name: 'tainted nodes are domains by default',
    nodes: [inZone('a', 'z1'), node('b', { labels: { zone: 'z2' }, taints: [{ key: 'k', effect: 'NoSchedule' }] })],
    pods: [on('x', 'a')],
    pod: incoming(hard),
    expect: { rejected: { a: tooSkewed, b: 'TaintToleration UAU: node(s) had untolerated taint(s)' } },
  },
  {
    name: 'with nodeTaintsPolicy Honor they are not',
    nodes: [inZone('a', 'z1'), node('b', { labels: { zone: 'z2' }, taints: [{ key: 'k', effect: 'NoSchedule' }] })],
    pods: [on('x', 'a')],
    pod: incoming({ ...hard, nodeTaintsPolicy: 'Honor' }),
    expect: { rejected: { b: 'TaintToleration UAU: node(s) had untolerated taint(s)' } },
  },
  {
    name: 'matchLabelKeys narrow the selector to the values of the pod',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [on('x', 'a', { labels: { app: 'web', version: 'old' } })],
    pod: pod('p', {
      labels: { app: 'web', version: 'new' },
      spec: { topologySpreadConstraints: [{ ...hard, matchLabelKeys: ['version', 'absent'] }] },
    }),
    expect: {},
  },
  {
    name: 'a malformed selector is an error of the cycle',
    nodes: zones,
    pod: incoming({ ...hard, labelSelector: { matchExpressions: [{ key: 'k', operator: 'Like' }] } }),
    expect: {
      error: /^running PreFilter plugin "PodTopologySpread": obtaining pod's hard topology spread constraints/,
    },
  },
  {
    name: 'evicting a pod evens the domains out',
    ...skewed,
    pod: incoming(hard),
    expect: { rejected: { a: tooSkewed, c: noLabel }, whatIf: { on: 'a', remove: ['x'], says: 'fits' } },
  },
  {
    name: 'a terminating pod is taken off although it was never counted (a quirk)',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [on('x', 'a'), on('gone', 'a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    pod: incoming(hard),
    expect: { rejected: { a: tooSkewed }, whatIf: { on: 'a', remove: ['gone'], says: 'fits' } },
  },
  {
    name: 'with the selector {} a pod that comes is counted although those that are there were not (a quirk)',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [on('x', 'a')],
    pod: incoming({ ...hard, labelSelector: {} }),
    expect: { whatIf: { on: 'a', add: [on('y', 'a')], says: tooSkewed } },
  },
]);

const owned = (kind: string, apiVersion = 'apps/v1'): Pod =>
  pod('p', {
    labels: web,
    metadata: { ownerReferences: [{ apiVersion, kind, name: 'owner', uid: 'u', controller: true }] },
  });
const zoneLabel = 'topology.kubernetes.io/zone';
const host = 'kubernetes.io/hostname';
const gaZone = (name: string, zone: string) => node(name, { labels: { [zoneLabel]: zone } });
const inTwo = { nodes: [gaZone('a', 'z1'), gaZone('b', 'z1'), gaZone('c', 'z2')], pods: [on('x', 'a')] };

runCases(`${SPREAD} score`, [
  {
    name: 'without constraints and defaults it is skipped',
    ...inTwo,
    pod: pod('p', { labels: web }),
    expect: { scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'with hard constraints only it is skipped',
    ...skewed,
    pod: incoming({ ...hard, maxSkew: 9 }),
    expect: { rejected: { c: noLabel }, scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'a node without the key has 0, the emptiest domain 100',
    ...skewed,
    pod: incoming(soft),
    // ln(2 + 2) × 1 = 1.39 → 1 on a, 0 on b.
    expect: { scores: { [SPREAD]: { a: 0, b: 100, c: 0 } } },
  },
  {
    name: 'a maxSkew above 1 is added, and dampens',
    ...skewed,
    pod: incoming({ ...soft, maxSkew: 5 }),
    // 1.39 + 4 → 5 on a, 4 on b.
    expect: { scores: { [SPREAD]: { a: 80, b: 100, c: 0 } } },
  },
  {
    name: 'nothing anywhere: all have 100',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pod: incoming(soft),
    expect: { scores: { [SPREAD]: { a: 100, b: 100 } } },
  },
  {
    name: 'the system defaults spread the pods of a Service over hosts and zones',
    ...inTwo,
    objects: [service('s', web)],
    pod: pod('p', { labels: web }),
    // Hosts: ln 5 = 1.61 and 2 more each. Zones: ln 4 = 1.39 and 4 more. a: 9, b: 7.39, c: 6.
    expect: { scores: { [SPREAD]: { a: 66, b: 88, c: 100 } } },
  },
  {
    name: 'a Service of another namespace has no say',
    ...inTwo,
    objects: [service('s', web, 'other')],
    pod: pod('p', { labels: web }),
    expect: { scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'nor a Service without a selector',
    ...inTwo,
    objects: [service('s', undefined)],
    pod: pod('p', { labels: web }),
    expect: { scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'the owning ReplicaSet has',
    ...inTwo,
    objects: [object('ReplicaSet', 'owner', { spec: { selector: app } })],
    pod: owned('ReplicaSet'),
    expect: { scores: { [SPREAD]: { a: 66, b: 88, c: 100 } } },
  },
  {
    name: 'and an owning ReplicationController',
    ...inTwo,
    objects: [object('ReplicationController', 'owner', { spec: { selector: web } })],
    pod: owned('ReplicationController', 'v1'),
    expect: { scores: { [SPREAD]: { a: 66, b: 88, c: 100 } } },
  },
  {
    name: 'a Job has not',
    ...inTwo,
    objects: [object('Job', 'owner', { spec: { selector: app } })],
    pod: owned('Job', 'batch/v1'),
    expect: { scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'a pod with constraints of its own gets no defaults',
    ...inTwo,
    objects: [service('s', web)],
    pod: incoming({ ...hard, topologyKey: host, maxSkew: 9 }),
    expect: { scores: { [SPREAD]: 'skipped' } },
  },
  {
    name: 'under the system defaults a node without a zone still counts by its host',
    nodes: [gaZone('a', 'z1'), node('b')],
    pods: [on('x', 'a'), on('y', 'b')],
    objects: [service('s', web)],
    pod: pod('p', { labels: web }),
    // Hosts ln 4, zones ln 4 (z1 and none). a: 1.39 + 2 + 1.39 + 4 → 9; b: 1.39 + 2 → 3.
    expect: { scores: { [SPREAD]: { a: 33, b: 100 } } },
  },
  {
    name: 'default constraints of a list want every key',
    nodes: [gaZone('a', 'z1'), node('b')],
    objects: [service('s', web)],
    args: {
      podTopologySpread: {
        defaultingType: 'List',
        defaultConstraints: [{ ...soft, topologyKey: zoneLabel, labelSelector: undefined }],
      },
    },
    pod: pod('p', { labels: web }),
    expect: { scores: { [SPREAD]: { a: 100, b: 0 } } },
  },
]);

test.run();
