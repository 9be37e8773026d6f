import { test } from 'uvu';
import type { Labels, Pod, PodAffinity, PodSpec, TopologySpreadConstraint } from '../../../../../core/objects/types.ts';
import { node, pod } from '../pods.ts';
import { hintTable, nodeAdd, nodeDelete, nodeUpdate, podAdd, podDelete, podUpdate, type Row } from './ask.ts';

const assigned = (
  labels: Labels,
  { namespace = 'default', spec }: { namespace?: string; spec?: Partial<PodSpec> } = {},
): Pod => pod('q', { metadata: { labels, namespace }, spec: { nodeName: 'n', ...spec } });
const web = assigned({ app: 'web' });
const db = assigned({ app: 'db' });
const selector = (app: string) => ({ matchLabels: { app } });

const spread = (constraint: Partial<TopologySpreadConstraint> = {}): Pod =>
  pod('p', {
    metadata: { labels: { app: 'web' } },
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: selector('web'),
          ...constraint,
        },
      ],
    },
  });
const inZone = (zone: string) => node('n', { labels: { zone } });
const honorsTaints = spread({ nodeTaintsPolicy: 'Honor' });
const tolerating = (one: Pod): Pod => ({ ...one, spec: { ...one.spec, tolerations: [{ operator: 'Exists' }] } });
const listDefaults: Row['args'] = {
  podTopologySpread: {
    defaultingType: 'List',
    defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'default' },
  spec: { selector: { app: 'web' } },
};

hintTable('PodTopologySpread', [
  { name: 'a counted pod came', pod: spread(), events: podAdd(web), wakes: true },
  { name: 'a counted pod left', pod: spread(), events: podDelete(web), wakes: true },
  { name: 'a pod that is not counted left', pod: spread(), events: podDelete(db), wakes: false },
  {
    name: 'a pod of another namespace left',
    pod: spread(),
    events: podDelete(assigned({ app: 'web' }, { namespace: 'x' })),
    wakes: false,
  },
  {
    name: 'a waiting pod left',
    pod: spread(),
    events: podDelete(assigned({ app: 'web' }, { spec: { nodeName: '' } })),
    wakes: false,
  },
  { name: 'a pod began to be counted', pod: spread(), events: podUpdate(db, web), wakes: true },
  { name: 'a pod ceased to be counted', pod: spread(), events: podUpdate(web, db), wakes: true },
  {
    name: 'other labels of a counted pod',
    pod: spread(),
    events: podUpdate(web, assigned({ app: 'web', a: 'b' })),
    wakes: false,
  },
  {
    name: 'soft constraints do not reject',
    pod: spread({ whenUnsatisfiable: 'ScheduleAnyway' }),
    events: podDelete(web),
    wakes: false,
  },
  {
    name: 'the pod tolerates more, and taints count',
    pod: tolerating(honorsTaints),
    events: podUpdate(honorsTaints, tolerating(honorsTaints)),
    wakes: true,
  },
  {
    name: 'the pod tolerates more, and taints do not count',
    pod: tolerating(spread()),
    events: podUpdate(spread(), tolerating(spread())),
    wakes: false,
  },
  { name: 'a new node in a zone', pod: spread(), events: nodeAdd(inZone('a')), wakes: true },
  { name: 'a new node without a zone', pod: spread(), events: nodeAdd(node('n')), wakes: false },
  { name: 'a node of a zone left', pod: spread(), events: nodeDelete(inZone('a')), wakes: true },
  { name: 'a node without a zone left', pod: spread(), events: nodeDelete(node('n')), wakes: false },
  { name: 'a node came into a zone', pod: spread(), events: nodeUpdate(node('n'), inZone('a')), wakes: true },
  { name: 'a node changed zones', pod: spread(), events: nodeUpdate(inZone('a'), inZone('b')), wakes: true },
  { name: 'a node left its zone', pod: spread(), events: nodeUpdate(inZone('a'), node('n')), wakes: true },
  {
    name: 'another label of a node',
    pod: spread(),
    events: nodeUpdate(inZone('a'), node('n', { labels: { zone: 'a', b: 'c' } })),
    wakes: false,
  },
  {
    name: 'taints of a node in a zone',
    pod: spread(),
    events: nodeUpdate(inZone('a'), node('n', { labels: { zone: 'a' }, taints: [{ key: 'k', effect: 'NoSchedule' }] })),
    wakes: true,
  },
  {
    name: 'a malformed selector is not judged',
    pod: spread({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } }),
    events: podDelete(db),
    wakes: true,
  },
  {
    name: 'default constraints count what the Service selects',
    pod: pod('p', { metadata: { labels: { app: 'web' } } }),
    events: podDelete(web),
    wakes: true,
    args: listDefaults,
    objects: [service],
  },
  {
    name: 'default constraints without a Service count nobody',
    pod: pod('p', { metadata: { labels: { app: 'web' } } }),
    events: podDelete(web),
    wakes: false,
    args: listDefaults,
  },
]);

const near = (...apps: string[]): PodAffinity => ({
  requiredDuringSchedulingIgnoredDuringExecution: apps.map((app) => ({
    labelSelector: selector(app),
    topologyKey: 'zone',
  })),
});
const wants = pod('p', { spec: { affinity: { podAffinity: near('web') } } });
const wantsBoth = pod('p', {
  spec: {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: selector('web'), topologyKey: 'zone' },
          { labelSelector: { matchLabels: { tier: '1' } }, topologyKey: 'zone' },
        ],
      },
    },
  },
});
const oneOfThem: Pod = { ...wants, metadata: { ...wants.metadata, labels: { app: 'web' } } };
const shuns = pod('p', { metadata: { labels: { app: 'p' } }, spec: { affinity: { podAntiAffinity: near('web') } } });
const shunned = pod('p', { metadata: { labels: { app: 'p' } } });
const shunsP = assigned({ app: 'other' }, { spec: { affinity: { podAntiAffinity: near('p') } } });
const elsewhere = pod('p', {
  spec: {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: selector('web'), topologyKey: 'zone', namespaceSelector: { matchLabels: { team: 'a' } } },
        ],
      },
    },
  },
});
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', labels: { team: 'a' } } };

hintTable('InterPodAffinity', [
  { name: 'wanted company came', pod: wants, events: podAdd(web), wakes: true },
  { name: 'other company came', pod: wants, events: podAdd(db), wakes: false },
  {
    name: 'wanted company of another namespace came',
    pod: wants,
    events: podAdd(assigned({ app: 'web' }, { namespace: 'x' })),
    wakes: false,
  },
  { name: 'a pod that meets one of two terms came', pod: wantsBoth, events: podAdd(web), wakes: false },
  {
    name: 'a pod that meets both terms came',
    pod: wantsBoth,
    events: podAdd(assigned({ app: 'web', tier: '1' })),
    wakes: true,
  },
  { name: 'a pod became wanted company', pod: wants, events: podUpdate(db, web), wakes: true },
  { name: 'a pod ceased to be wanted company', pod: wants, events: podUpdate(web, db), wakes: false },
  { name: 'wanted company left', pod: wants, events: podDelete(web), wakes: false },
  {
    name: 'wanted company of a namespace selected by label came',
    pod: elsewhere,
    events: podAdd(assigned({ app: 'web' }, { namespace: 'x' })),
    wakes: true,
    objects: [namespace],
  },
  { name: 'a shunned pod left', pod: shuns, events: podDelete(web), wakes: true },
  { name: 'a pod that is not shunned left', pod: shuns, events: podDelete(db), wakes: false },
  { name: 'a pod ceased to be shunned', pod: shuns, events: podUpdate(web, db), wakes: true },
  { name: 'a pod became shunned', pod: shuns, events: podUpdate(db, web), wakes: false },
  { name: 'a pod that shuns this one left', pod: shunned, events: podDelete(shunsP), wakes: true },
  {
    name: 'a waiting pod left',
    pod: shuns,
    events: podDelete(pod('q', { metadata: { labels: { app: 'web' } } })),
    wakes: false,
  },
  { name: 'company left that the pod can be itself', pod: oneOfThem, events: podDelete(web), wakes: true },
  { name: 'company turned that the pod can be itself', pod: oneOfThem, events: podUpdate(web, db), wakes: true },
  {
    name: "the pod's own labels",
    pod: shunned,
    events: podUpdate(shunned, pod('p', { metadata: { labels: { app: 'x' } } })),
    wakes: true,
  },
  { name: 'a new node in the domain key', pod: wants, events: nodeAdd(inZone('a')), wakes: true },
  { name: 'a new node without the domain key', pod: wants, events: nodeAdd(node('n')), wakes: false },
  { name: 'a new node without the domain key, for who shuns', pod: shuns, events: nodeAdd(node('n')), wakes: true },
  { name: 'a node changed domains', pod: wants, events: nodeUpdate(inZone('a'), inZone('b')), wakes: true },
  { name: 'a node left its domain', pod: wants, events: nodeUpdate(inZone('a'), node('n')), wakes: false },
  {
    name: 'a node left its domain, for who shuns',
    pod: shuns,
    events: nodeUpdate(inZone('a'), node('n')),
    wakes: true,
  },
  {
    name: 'another label of a node',
    pod: shuns,
    events: nodeUpdate(inZone('a'), node('n', { labels: { zone: 'a', b: 'c' } })),
    wakes: false,
  },
  { name: 'any new node, for who is only shunned', pod: shunned, events: nodeAdd(node('n')), wakes: true },
]);

test.run();
