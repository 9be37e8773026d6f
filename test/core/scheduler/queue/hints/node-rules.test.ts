import { test } from 'uvu';
import type { Node, Pod } from '../../../../../core/objects/types.ts';
import { node, pod } from '../pods.ts';
import { hintTable, nodeAdd, nodeDelete, nodeUpdate, podDelete, podUpdate } from './ask.ts';

const taint = { key: 'k', effect: 'NoSchedule' };
const soft = { key: 'k', effect: 'PreferNoSchedule' };
const tainted = node('n', { taints: [taint] });
const tolerant = (...keys: string[]): Pod =>
  pod('p', { spec: { tolerations: keys.map((key) => ({ key, operator: 'Exists' })) } });
const other = (name: string): Pod => pod(name, { spec: { tolerations: [{ operator: 'Exists' }] } });
const cordoned = node('n', { unschedulable: true });

hintTable('TaintToleration', [
  { name: 'a new node without taints', pod: pod('p'), events: nodeAdd(node('n')), wakes: true },
  { name: 'a new node with a taint', pod: pod('p'), events: nodeAdd(tainted), wakes: false },
  { name: 'a new node with a taint the pod tolerates', pod: tolerant('k'), events: nodeAdd(tainted), wakes: true },
  { name: 'a new node with a soft taint', pod: pod('p'), events: nodeAdd(node('n', { taints: [soft] })), wakes: true },
  { name: 'the taint went', pod: pod('p'), events: nodeUpdate(tainted, node('n')), wakes: true },
  { name: 'the taint came', pod: pod('p'), events: nodeUpdate(node('n'), tainted), wakes: false },
  {
    name: 'one of two taints went',
    pod: pod('p'),
    events: nodeUpdate(node('n', { taints: [taint, { ...taint, key: 'l' }] }), tainted),
    wakes: false,
  },
  {
    name: 'a taint went that did not matter to the pod',
    pod: tolerant('k'),
    events: nodeUpdate(tainted, node('n')),
    wakes: false,
  },
  { name: 'the pod got a toleration', pod: tolerant('k'), events: podUpdate(pod('p'), tolerant('k')), wakes: true },
  { name: 'another pod got a toleration', pod: pod('p'), events: podUpdate(pod('q'), other('q')), wakes: false },
  {
    name: 'the node got a label',
    pod: pod('p'),
    events: nodeUpdate(node('n'), node('n', { labels: { a: 'b' } })),
    wakes: false,
  },
  { name: 'a pod left', pod: pod('p'), events: podDelete(pod('q', { spec: { nodeName: 'n' } })), wakes: false },
]);

const unschedulableKey = 'node.kubernetes.io/unschedulable';
hintTable('NodeUnschedulable', [
  { name: 'a new schedulable node', pod: pod('p'), events: nodeAdd(node('n')), wakes: true },
  { name: 'a new cordoned node', pod: pod('p'), events: nodeAdd(cordoned), wakes: false },
  { name: 'uncordoned', pod: pod('p'), events: nodeUpdate(cordoned, node('n')), wakes: true },
  { name: 'cordoned', pod: pod('p'), events: nodeUpdate(node('n'), cordoned), wakes: false },
  { name: 'a taint came to a schedulable node', pod: pod('p'), events: nodeUpdate(node('n'), tainted), wakes: false },
  {
    name: 'the pod tolerates it now',
    pod: tolerant(unschedulableKey),
    events: podUpdate(pod('p'), tolerant(unschedulableKey)),
    wakes: true,
  },
  {
    name: 'the pod tolerates something else now',
    pod: tolerant('k'),
    events: podUpdate(pod('p'), tolerant('k')),
    wakes: false,
  },
]);

const wantsSsd = pod('p', { spec: { nodeSelector: { disk: 'ssd' } } });
const ssd = node('n', { labels: { disk: 'ssd' } });
const addedAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
  },
};
hintTable('NodeAffinity', [
  { name: 'a new node that matches', pod: wantsSsd, events: nodeAdd(ssd), wakes: true },
  { name: 'a new node that does not', pod: wantsSsd, events: nodeAdd(node('n')), wakes: false },
  { name: 'labels began to match', pod: wantsSsd, events: nodeUpdate(node('n'), ssd), wakes: true },
  { name: 'labels ceased to match', pod: wantsSsd, events: nodeUpdate(ssd, node('n')), wakes: false },
  {
    name: 'another label of a node that matched before',
    pod: wantsSsd,
    events: nodeUpdate(ssd, node('n', { labels: { disk: 'ssd', a: 'b' } })),
    wakes: false,
  },
  {
    name: 'a node the profile rules out',
    pod: wantsSsd,
    events: nodeAdd(ssd),
    wakes: false,
    args: { nodeAffinity: { addedAffinity } },
  },
  {
    name: 'a node the profile allows',
    pod: wantsSsd,
    events: nodeAdd(node('n', { labels: { disk: 'ssd', zone: 'a' } })),
    wakes: true,
    args: { nodeAffinity: { addedAffinity } },
  },
  { name: 'a node left', pod: wantsSsd, events: nodeDelete(ssd), wakes: false },
]);

hintTable('NodeName', [
  { name: 'any new node', pod: pod('p'), events: nodeAdd(node('n')), wakes: true },
  { name: 'an update', pod: pod('p'), events: nodeUpdate(tainted, node('n')), wakes: false },
]);

const featured = (...declaredFeatures: string[]): Node => ({
  ...node('n'),
  status: { ...node('n').status, declaredFeatures },
});
hintTable('NodeDeclaredFeatures', [
  { name: 'a new node', pod: pod('p'), events: nodeAdd(node('n')), wakes: true },
  { name: 'other features', pod: pod('p'), events: nodeUpdate(node('n'), featured('A')), wakes: true },
  { name: 'the same features', pod: pod('p'), events: nodeUpdate(featured('A'), featured('A')), wakes: false },
  { name: 'the pod changed', pod: tolerant('k'), events: podUpdate(pod('p'), tolerant('k')), wakes: true },
  {
    name: "only the pod's labels changed",
    pod: pod('p'),
    events: podUpdate(pod('p'), pod('p', { metadata: { labels: { a: 'b' } } })),
    wakes: false,
  },
  { name: 'another pod changed', pod: pod('p'), events: podUpdate(pod('q'), other('q')), wakes: false },
]);

const gated = pod('p', { spec: { schedulingGates: [{ name: 'g' }] } });
hintTable('SchedulingGates', [
  { name: 'the last gate opened', pod: pod('p'), events: podUpdate(gated, pod('p')), wakes: true },
  {
    name: "another pod's gate opened",
    pod: gated,
    events: podUpdate(pod('q', { spec: gated.spec }), pod('q')),
    wakes: false,
  },
  { name: 'a new node', pod: gated, events: nodeAdd(node('n')), wakes: false },
]);

hintTable('DefaultPreemption', [
  {
    name: 'a victim left: that is for the others to judge',
    pod: pod('p'),
    events: podDelete(pod('q', { spec: { nodeName: 'n' } })),
    wakes: false,
  },
]);

test.run();
