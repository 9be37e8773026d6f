import { test } from 'uvu';
import type { Affinity, LabelSelector, Pod, PodAffinityTerm } from '../../../../core/objects/types.ts';
import { defaultArgs } from '../../../../core/scheduler/profile.ts';
import { namespace, node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const AFFINITY = 'InterPodAffinity';
const noAffinity = `${AFFINITY} UAU: node(s) didn't match pod affinity rules`;
const noAnti = `${AFFINITY} U: node(s) didn't match pod anti-affinity rules`;
const existing = `${AFFINITY} U: node(s) didn't satisfy existing pods anti-affinity rules`;

const db = { app: 'db' };
const seesDb: LabelSelector = { matchLabels: db };
const term = (parts: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: 'zone',
  labelSelector: seesDb,
  ...parts,
});
const near = (...terms: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const apart = (...terms: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const likes = (weight: number, podAffinityTerm: PodAffinityTerm): Affinity => ({
  podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] },
});
const dislikes = (weight: number, podAffinityTerm: PodAffinityTerm): Affinity => ({
  podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] },
});
const wants = (affinity: Affinity, labels = {}): Pod => pod('p', { labels, spec: { affinity } });

const inZone = (name: string, zone: string) => node(name, { labels: { zone } });
const nodes = [inZone('a', 'z1'), inZone('b', 'z2'), node('c')];
const withDb = { nodes, pods: [pod('db', { on: 'a', labels: db })] };
const elsewhere = {
  nodes,
  pods: [pod('db', { on: 'a', labels: db, namespace: 'other' })],
  objects: [namespace('default', { team: 'x' }), namespace('other', { team: 'y' })],
};
const onlyA = { b: noAffinity, c: noAffinity };
const nowhere = { a: noAffinity, b: noAffinity, c: noAffinity };

runCases(`${AFFINITY} filter, affinity`, [
  { name: 'the pod goes where the other one is', ...withDb, pod: wants(near(term())), expect: { rejected: onlyA } },
  {
    name: 'every term must hold, and by pods that match all of them',
    ...withDb,
    pod: wants(near(term(), term({ labelSelector: { matchLabels: { tier: 'x' } } }))),
    expect: { rejected: nowhere },
  },
  { name: 'nobody there, and not itself: nowhere', nodes, pod: wants(near(term())), expect: { rejected: nowhere } },
  {
    name: 'the first pod of its group may start it, on a node that has the key',
    nodes,
    pod: wants(near(term()), db),
    expect: { rejected: { c: noAffinity } },
  },
  {
    name: 'once there is one, the others must join it',
    ...withDb,
    pod: wants(near(term()), db),
    expect: { rejected: onlyA },
  },
  {
    name: 'a match on a node without the key counts for nothing, so the first pod is still the first',
    nodes,
    pods: [pod('db', { on: 'c', labels: db })],
    pod: wants(near(term()), db),
    expect: { rejected: { c: noAffinity } },
  },
  {
    name: 'no selector matches nobody',
    ...withDb,
    pod: wants(near(term({ labelSelector: undefined }))),
    expect: { rejected: nowhere },
  },
  {
    name: 'an empty selector matches everybody',
    ...withDb,
    pod: wants(near(term({ labelSelector: {} }))),
    expect: { rejected: onlyA },
  },
  {
    name: 'pods of other namespaces are not seen',
    ...elsewhere,
    pod: wants(near(term())),
    expect: { rejected: nowhere },
  },
  {
    name: 'unless they are named',
    ...elsewhere,
    pod: wants(near(term({ namespaces: ['other'] }))),
    expect: { rejected: onlyA },
  },
  {
    name: 'or selected',
    ...elsewhere,
    pod: wants(near(term({ namespaceSelector: { matchLabels: { team: 'y' } } }))),
    expect: { rejected: onlyA },
  },
  {
    name: 'an empty namespaceSelector selects all',
    ...elsewhere,
    pod: wants(near(term({ namespaceSelector: {} }))),
    expect: { rejected: onlyA },
  },
  {
    name: 'a namespaceSelector of only NotIn sees every namespace, even one it excludes (a quirk)',
    ...elsewhere,
    pod: wants(
      near(term({ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['y'] }] } })),
    ),
    expect: { rejected: onlyA },
  },
  {
    name: 'a malformed selector makes the pod unschedulable',
    nodes: [inZone('a', 'z1')],
    pod: wants(near(term({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'Like', values: ['x'] }] } }))),
    expect: {
      refused: `${AFFINITY} UAU: parsing pod: '{"topologyKey":"zone","labelSelector":{"matchExpressions":[{"key":"app","operator":"Like","values":["x"]}]}}' has a malformed selector`,
    },
  },
  {
    name: 'evicting the last match makes the pod the first of its group',
    nodes: [inZone('a', 'z1'), inZone('b', 'z2')],
    pods: [pod('db', { on: 'b', labels: db })],
    pod: wants(near(term()), db),
    expect: { rejected: { a: noAffinity }, whatIf: { on: 'b', remove: ['db'], says: 'fits' } },
  },
]);

runCases(`${AFFINITY} filter, anti-affinity`, [
  {
    name: 'the pod keeps away; a node without the key is far enough',
    ...withDb,
    pod: wants(apart(term())),
    expect: { rejected: { a: noAnti } },
  },
  {
    name: 'each term keeps away by itself',
    nodes,
    pods: [pod('db', { on: 'a', labels: db }), pod('x', { on: 'b', labels: { tier: 'x' } })],
    pod: wants(apart(term(), term({ labelSelector: { matchLabels: { tier: 'x' } } }))),
    expect: { rejected: { a: noAnti, b: noAnti } },
  },
  {
    name: 'a pod that is there keeps others away',
    nodes,
    pods: [pod('hermit', { on: 'a', spec: { affinity: apart(term()) } })],
    pod: pod('p', { labels: db }),
    expect: { rejected: { a: existing } },
  },
  {
    name: 'not those it does not see',
    nodes,
    pods: [pod('hermit', { on: 'a', spec: { affinity: apart(term()) } })],
    pod: pod('p'),
    expect: {},
  },
  {
    name: "its namespaceSelector looks at the labels of the incoming pod's namespace",
    nodes,
    objects: [namespace('default', { team: 'x' }), namespace('other', { team: 'y' })],
    pods: [
      pod('hermit', {
        on: 'a',
        namespace: 'other',
        spec: { affinity: apart(term({ namespaceSelector: { matchLabels: { team: 'x' } } })) },
      }),
    ],
    pod: pod('p', { labels: db }),
    expect: { rejected: { a: existing } },
  },
  {
    name: 'terminating pods still keep others away',
    nodes,
    pods: [
      pod('hermit', {
        on: 'a',
        spec: { affinity: apart(term()) },
        metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      }),
    ],
    pod: pod('p', { labels: db }),
    expect: { rejected: { a: existing } },
  },
  {
    name: 'once it is evicted the node is free',
    nodes,
    pods: [pod('hermit', { on: 'a', spec: { affinity: apart(term()) } })],
    pod: pod('p', { labels: db }),
    expect: { rejected: { a: existing }, whatIf: { on: 'a', remove: ['hermit'], says: 'fits' } },
  },
  {
    name: 'affinity is not mutual: a pod that wants company keeps nobody away',
    nodes,
    pods: [pod('x', { on: 'a', spec: { affinity: near(term()) } })],
    pod: pod('p'),
    expect: {},
  },
]);

const args = (parts: Partial<ReturnType<typeof defaultArgs>['interPodAffinity']>) => ({
  interPodAffinity: { ...defaultArgs().interPodAffinity, ...parts },
});
const fan = { nodes, pods: [pod('fan', { on: 'a', spec: { affinity: likes(10, term()) } })] };

runCases(`${AFFINITY} score`, [
  { name: 'nobody likes anybody: skipped', ...withDb, pod: pod('p'), expect: { scores: { [AFFINITY]: 'skipped' } } },
  {
    name: 'a preference nobody fulfils: skipped',
    nodes,
    pod: wants(likes(10, term())),
    expect: { scores: { [AFFINITY]: 'skipped' } },
  },
  {
    name: 'the pod prefers company',
    ...withDb,
    pod: wants(likes(10, term())),
    expect: { scores: { [AFFINITY]: { a: 100, b: 0, c: 0 } } },
  },
  {
    name: 'or its absence',
    ...withDb,
    pod: wants(dislikes(10, term())),
    expect: { scores: { [AFFINITY]: { a: 0, b: 100, c: 100 } } },
  },
  {
    name: 'pods that are there prefer company too',
    ...fan,
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: { a: 100, b: 0, c: 0 } } },
  },
  {
    name: 'unless the profile ignores it',
    ...fan,
    args: args({ ignorePreferredTermsOfExistingPods: true }),
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: 'skipped' } },
  },
  {
    name: 'required affinity of pods that are there counts with hardPodAffinityWeight',
    nodes,
    pods: [
      pod('x', { on: 'a', spec: { affinity: near(term()) } }),
      pod('fan', { on: 'b', spec: { affinity: likes(4, term()) } }),
    ],
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: { a: 25, b: 100, c: 0 } } },
  },
  {
    name: 'at weight 0 it does not count',
    nodes,
    args: args({ hardPodAffinityWeight: 0 }),
    pods: [pod('x', { on: 'a', spec: { affinity: near(term()) } })],
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: 'skipped' } },
  },
  {
    name: 'shares are divided first and truncated: 2 of 3 is 66',
    nodes,
    pods: [
      pod('x', { on: 'a', spec: { affinity: likes(3, term()) } }),
      pod('y', { on: 'b', spec: { affinity: likes(2, term()) } }),
    ],
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: { a: 100, b: 66, c: 0 } } },
  },
  {
    name: 'weights that cancel out leave a score of 0, not a skip',
    nodes: [inZone('a', 'z1'), inZone('b', 'z1')],
    pods: [
      pod('x', { on: 'a', spec: { affinity: likes(3, term()) } }),
      pod('y', { on: 'a', spec: { affinity: dislikes(3, term()) } }),
    ],
    pod: pod('p', { labels: db }),
    expect: { scores: { [AFFINITY]: { a: 0, b: 0 } } },
  },
]);

test.run();
