import { test } from 'uvu';
import { node, pod } from '../pods.ts';
import { hintTable, nodeAdd, nodeUpdate, podAdd, podDelete, podUpdate } from './ask.ts';

const asks = (amounts: Record<string, string>) => pod('p', { asks: amounts });
const has = (amounts: Record<string, string>) => node('n', { has: amounts });
const assigned = (amounts: Record<string, string>) => pod('q', { asks: amounts, spec: { nodeName: 'n' } });

hintTable('NodeResourcesFit', [
  { name: 'an assigned pod left', pod: asks({ cpu: '1' }), events: podDelete(assigned({})), wakes: true },
  {
    name: 'a nominated pod left',
    pod: asks({ cpu: '1' }),
    events: podDelete(pod('q', { status: { nominatedNodeName: 'n' } })),
    wakes: true,
  },
  { name: 'a waiting pod left', pod: asks({ cpu: '1' }), events: podDelete(pod('q')), wakes: false },
  { name: 'a pod came', pod: asks({ cpu: '1' }), events: podAdd(assigned({})), wakes: false },
  {
    name: 'an assigned pod needs less of what the pod asks',
    pod: asks({ cpu: '1' }),
    events: podUpdate(assigned({ cpu: '2' }), assigned({ cpu: '1' })),
    wakes: true,
  },
  {
    name: 'an assigned pod needs less of something else',
    pod: asks({ cpu: '1' }),
    events: podUpdate(assigned({ memory: '2Gi' }), assigned({ memory: '1Gi' })),
    wakes: false,
  },
  {
    name: 'an assigned pod needs less by less than a millicore',
    pod: asks({ cpu: '1' }),
    events: podUpdate(assigned({ cpu: '1500u' }), assigned({ cpu: '1200u' })),
    wakes: false,
  },
  {
    name: 'an assigned pod needs less of what the pod asks 0 of',
    pod: asks({ cpu: '0' }),
    events: podUpdate(assigned({ cpu: '2' }), assigned({ cpu: '1' })),
    wakes: false,
  },
  {
    name: 'a waiting pod needs less',
    pod: asks({ cpu: '1' }),
    events: podUpdate(pod('q', { asks: { cpu: '2' } }), pod('q', { asks: { cpu: '1' } })),
    wakes: false,
  },
  {
    name: 'the pod itself needs less',
    pod: asks({ cpu: '1' }),
    events: podUpdate(asks({ cpu: '2' }), asks({ cpu: '1' })),
    wakes: true,
  },
  {
    name: 'a new node it fits exactly',
    pod: asks({ cpu: '4', memory: '8Gi' }),
    events: nodeAdd(node('n')),
    wakes: true,
  },
  { name: 'a new node a millicore too small', pod: asks({ cpu: '4001m' }), events: nodeAdd(node('n')), wakes: false },
  {
    name: 'a new node without the resource',
    pod: asks({ 'vendor.com/gpu': '1' }),
    events: nodeAdd(node('n')),
    wakes: false,
  },
  { name: 'a new node that takes no pods', pod: asks({}), events: nodeAdd(has({ pods: '0' })), wakes: false },
  { name: 'a resource nobody counts', pod: asks({ storage: '1Ti' }), events: nodeAdd(node('n')), wakes: true },
  {
    name: 'more of what the pod asks',
    pod: asks({ cpu: '4' }),
    events: nodeUpdate(has({ cpu: '3' }), node('n')),
    wakes: true,
  },
  {
    name: 'more, but not enough',
    pod: asks({ cpu: '5' }),
    events: nodeUpdate(has({ cpu: '3' }), node('n')),
    wakes: false,
  },
  {
    name: 'more of something else',
    pod: asks({ cpu: '1' }),
    events: nodeUpdate(has({ memory: '1Gi' }), node('n')),
    wakes: false,
  },
  {
    name: 'less of what the pod asks',
    pod: asks({ cpu: '1' }),
    events: nodeUpdate(node('n'), has({ cpu: '3' })),
    wakes: false,
  },
  { name: 'room for more pods', pod: asks({}), events: nodeUpdate(node('n'), has({ pods: '11' })), wakes: true },
  {
    name: 'a label',
    pod: asks({ cpu: '1' }),
    events: nodeUpdate(node('n'), node('n', { labels: { a: 'b' } })),
    wakes: false,
  },
]);

const listens = (name: string, hostPort: number, { hostIP = '', protocol = 'TCP', nodeName = 'n' } = {}) =>
  pod(name, { spec: { nodeName, containers: [{ name: 'c', ports: [{ hostPort, hostIP, protocol }] }] } });

hintTable('NodePorts', [
  { name: 'the pod that held the port left', pod: listens('p', 80), events: podDelete(listens('q', 80)), wakes: true },
  { name: 'a pod with another port left', pod: listens('p', 80), events: podDelete(listens('q', 81)), wakes: false },
  {
    name: 'a pod with the port of another protocol left',
    pod: listens('p', 80),
    events: podDelete(listens('q', 80, { protocol: 'UDP' })),
    wakes: false,
  },
  {
    name: 'a pod with the port on one address left, wanted on all',
    pod: listens('p', 80),
    events: podDelete(listens('q', 80, { hostIP: '10.0.0.1' })),
    wakes: true,
  },
  {
    name: 'a pod with the port on another address left',
    pod: listens('p', 80, { hostIP: '10.0.0.2' }),
    events: podDelete(listens('q', 80, { hostIP: '10.0.0.1' })),
    wakes: false,
  },
  {
    name: 'a waiting pod left',
    pod: listens('p', 80),
    events: podDelete(listens('q', 80, { nodeName: '' })),
    wakes: false,
  },
  { name: 'a pod without ports left', pod: listens('p', 80), events: podDelete(assigned({})), wakes: false },
  { name: 'any new node', pod: listens('p', 80), events: nodeAdd(node('n')), wakes: true },
]);

test.run();
