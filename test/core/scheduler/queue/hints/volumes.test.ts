import { test } from 'uvu';
import type {
  CSINode,
  CSIStorageCapacity,
  KubeObject,
  Pod,
  StorageClass,
  Volume,
} from '../../../../../core/objects/types.ts';
import { node, pod } from '../pods.ts';
import { hintTable, nodeAdd, nodeUpdate, objectAdd, objectDelete, objectUpdate, podDelete } from './ask.ts';

const claims = (name: string, claimName: string, namespace = 'default', nodeName = 'n'): Pod =>
  uses(name, { name: 'v', persistentVolumeClaim: { claimName } }, namespace, nodeName);
const uses = (name: string, volume: Volume, namespace = 'default', nodeName = 'n'): Pod =>
  pod(name, { metadata: { namespace }, spec: { nodeName, volumes: [volume] } });
const disk = (pdName: string): Volume => ({ name: 'v', gcePersistentDisk: { pdName } });
const object = (kind: string, name: string, more: object = {}, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
  ...more,
});
const claim = (name: string, namespace = 'default') => object('PersistentVolumeClaim', name, { spec: {} }, namespace);
const ephemeral = uses('p', { name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } });
const mine = claims('p', 'mine');

hintTable('VolumeRestrictions', [
  { name: 'a pod with the same claim left', pod: mine, events: podDelete(claims('q', 'mine')), wakes: true },
  { name: 'a pod with another claim left', pod: mine, events: podDelete(claims('q', 'other')), wakes: false },
  {
    name: 'a pod with a claim of that name elsewhere left',
    pod: mine,
    events: podDelete(claims('q', 'mine', 'x')),
    wakes: false,
  },
  {
    name: 'a pod with the same disk left',
    pod: uses('p', disk('d')),
    events: podDelete(uses('q', disk('d'))),
    wakes: true,
  },
  {
    name: 'a pod with another disk left',
    pod: uses('p', disk('d')),
    events: podDelete(uses('q', disk('e'))),
    wakes: false,
  },
  { name: 'the claim came', pod: mine, events: objectAdd(claim('mine')), wakes: true },
  { name: 'the claim changed', pod: mine, events: objectUpdate(claim('mine'), claim('mine')), wakes: false },
  { name: 'any new node', pod: mine, events: nodeAdd(node('n')), wakes: true },
]);

const csiNode = (count?: number, annotations?: Record<string, string>): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name: 'n', annotations },
  spec: { drivers: [{ name: 'csi.x', nodeID: 'n', allocatable: { count } }] },
});
const attachment = object('VolumeAttachment', 'a', { spec: {} });

hintTable('NodeVolumeLimits', [
  { name: 'a pod with volumes left its node', pod: mine, events: podDelete(claims('q', 'other')), wakes: true },
  {
    name: 'a pod without volumes left',
    pod: mine,
    events: podDelete(pod('q', { spec: { nodeName: 'n' } })),
    wakes: false,
  },
  { name: 'a waiting pod left', pod: mine, events: podDelete(claims('q', 'other', 'default', '')), wakes: false },
  { name: 'the claim came', pod: mine, events: objectAdd(claim('mine')), wakes: true },
  { name: 'another claim came', pod: mine, events: objectAdd(claim('other')), wakes: false },
  { name: 'a CSINode came', pod: mine, events: objectAdd(csiNode(1)), wakes: true },
  { name: 'a limit grew', pod: mine, events: objectUpdate(csiNode(1), csiNode(2)), wakes: true },
  { name: 'a limit went away', pod: mine, events: objectUpdate(csiNode(1), csiNode()), wakes: true },
  { name: 'a limit fell', pod: mine, events: objectUpdate(csiNode(2), csiNode(1)), wakes: false },
  { name: 'an attachment went', pod: mine, events: objectDelete(attachment), wakes: true },
  { name: 'an attachment came', pod: mine, events: objectAdd(attachment), wakes: false },
]);

const storageClass = (more: Partial<StorageClass> = {}): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'c' },
  provisioner: 'csi.x',
  ...more,
});
const topologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }];
const capacity = (more: Partial<CSIStorageCapacity>): CSIStorageCapacity => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIStorageCapacity',
  metadata: { name: 'c' },
  storageClassName: 'c',
  ...more,
});
const driver = (storageCapacity: boolean) => object('CSIDriver', 'csi.x', { spec: { storageCapacity } });
const inline = uses('p', { name: 'v', csi: { driver: 'csi.x' } });
const migrated = csiNode(1, { 'storage.alpha.kubernetes.io/migrated-plugins': 'x' });

hintTable('VolumeBinding', [
  { name: 'the claim came', pod: mine, events: objectAdd(claim('mine')), wakes: true },
  { name: 'the claim changed', pod: mine, events: objectUpdate(claim('mine'), claim('mine')), wakes: true },
  { name: 'another claim came', pod: mine, events: objectAdd(claim('other')), wakes: false },
  { name: 'a claim of that name came elsewhere', pod: mine, events: objectAdd(claim('mine', 'x')), wakes: false },
  { name: "an ephemeral volume's claim came", pod: ephemeral, events: objectAdd(claim('p-v')), wakes: true },
  { name: 'any volume came', pod: mine, events: objectAdd(object('PersistentVolume', 'pv')), wakes: true },
  { name: 'a volume went', pod: mine, events: objectDelete(object('PersistentVolume', 'pv')), wakes: false },
  { name: 'a class came', pod: mine, events: objectAdd(storageClass()), wakes: true },
  {
    name: 'a class allows other topologies',
    pod: mine,
    events: objectUpdate(storageClass(), storageClass({ allowedTopologies: topologies })),
    wakes: true,
  },
  {
    name: 'a class changed otherwise',
    pod: mine,
    events: objectUpdate(storageClass(), storageClass({ parameters: { a: 'b' } })),
    wakes: false,
  },
  { name: 'any new node', pod: mine, events: nodeAdd(node('n')), wakes: true },
  {
    name: 'a label of a node',
    pod: mine,
    events: nodeUpdate(node('n'), node('n', { labels: { a: 'b' } })),
    wakes: true,
  },
  { name: 'a CSINode came', pod: mine, events: objectAdd(csiNode(1)), wakes: true },
  { name: 'a CSINode migrated a plugin', pod: mine, events: objectUpdate(csiNode(1), migrated), wakes: true },
  { name: 'a CSINode changed otherwise', pod: mine, events: objectUpdate(csiNode(1), csiNode(2)), wakes: false },
  {
    name: "the pod's driver stopped tracking capacity",
    pod: inline,
    events: objectUpdate(driver(true), driver(false)),
    wakes: true,
  },
  {
    name: "the pod's driver began tracking capacity",
    pod: inline,
    events: objectUpdate(driver(false), driver(true)),
    wakes: false,
  },
  {
    name: 'another driver stopped tracking capacity',
    pod: mine,
    events: objectUpdate(driver(true), driver(false)),
    wakes: false,
  },
  { name: 'a capacity came', pod: mine, events: objectAdd(capacity({ capacity: '1Gi' })), wakes: true },
  {
    name: 'a capacity grew',
    pod: mine,
    events: objectUpdate(capacity({ capacity: '1Gi' }), capacity({ capacity: '2Gi' })),
    wakes: true,
  },
  {
    name: 'a capacity stayed, in other words',
    pod: mine,
    events: objectUpdate(capacity({ capacity: '1Gi' }), capacity({ capacity: '1024Mi' })),
    wakes: false,
  },
  {
    name: 'the maximum volume counts before the capacity',
    pod: mine,
    events: objectUpdate(
      capacity({ capacity: '1Gi', maximumVolumeSize: '1Gi' }),
      capacity({ capacity: '9Gi', maximumVolumeSize: '1Gi' }),
    ),
    wakes: false,
  },
]);

const zoned = (zone: string) => ({
  ...object('PersistentVolume', 'pv'),
  metadata: { name: 'pv', labels: { 'topology.kubernetes.io/zone': zone } },
});
hintTable('VolumeZone', [
  { name: 'the claim changed', pod: mine, events: objectUpdate(claim('mine'), claim('mine')), wakes: true },
  { name: 'a volume came', pod: mine, events: objectAdd(zoned('a')), wakes: true },
  { name: 'a volume changed zones', pod: mine, events: objectUpdate(zoned('a'), zoned('b')), wakes: true },
  { name: 'a volume changed otherwise', pod: mine, events: objectUpdate(zoned('a'), zoned('a')), wakes: false },
  {
    name: 'a class that waits for the first consumer came',
    pod: mine,
    events: objectAdd(storageClass({ volumeBindingMode: 'WaitForFirstConsumer' })),
    wakes: true,
  },
  {
    name: 'a class that binds at once came',
    pod: mine,
    events: objectAdd(storageClass({ volumeBindingMode: 'Immediate' })),
    wakes: false,
  },
  {
    name: 'a label of a node',
    pod: mine,
    events: nodeUpdate(node('n'), node('n', { labels: { a: 'b' } })),
    wakes: true,
  },
]);

test.run();
