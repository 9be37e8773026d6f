import { test } from 'uvu';
import type { Pod, Volume } from '../../../../core/objects/types.ts';
import { claim, mounts, node, pod, volume } from '../../../support/builders.ts';
import { type DecisionCase, runCases } from '../../../support/decision-cases.ts';

const noDisk = 'VolumeRestrictions U: node(s) had no available disk';
const inUse =
  'VolumeRestrictions U: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';
const uses = (name: string, parts: Partial<Volume>, on?: string): Pod =>
  pod(name, { on, spec: { volumes: [{ name: 'v', ...parts }] } });
const gce = (pdName: string, readOnly = false) => ({ gcePersistentDisk: { pdName, readOnly } });
const ebs = (volumeID: string, readOnly = false) => ({ awsElasticBlockStore: { volumeID, readOnly } });
const iscsi = (iqn: string, readOnly = false) => ({ iscsi: { iqn, readOnly } });
const rbd = (monitors: string[], image = 'i', readOnly = false) => ({ rbd: { monitors, image, pool: 'p', readOnly } });

const disks: [sentence: string, held: Partial<Volume>, wanted: Partial<Volume>, fits: boolean][] = [
  ['one GCE disk is for one writer', gce('d'), gce('d'), false],
  ['one reader does not make two', gce('d', true), gce('d'), false],
  ['readers share it', gce('d', true), gce('d', true), true],
  ['another GCE disk is free', gce('d'), gce('e'), true],
  ['an EBS volume is for one pod, readers or not', ebs('v', true), ebs('v', true), false],
  ['another EBS volume is free', ebs('v'), ebs('w'), true],
  ['one iSCSI name is for one writer', iscsi('q'), iscsi('q'), false],
  ['iSCSI readers share it', iscsi('q', true), iscsi('q', true), true],
  ['one RBD image with a monitor in common is for one writer', rbd(['m', 'n']), rbd(['n', 'o']), false],
  ['without a monitor in common it is another image', rbd(['m']), rbd(['n']), true],
  ['RBD readers share it', rbd(['m'], 'i', true), rbd(['m'], 'i', true), true],
  ['another RBD image is free', rbd(['m'], 'i'), rbd(['m'], 'j'), true],
];

runCases(
  'VolumeRestrictions disks',
  disks.map(
    ([name, held, wanted, fits]): DecisionCase => ({
      name,
      nodes: [node('a'), node('b')],
      pods: [uses('holder', held, 'a')],
      pod: uses('p', wanted),
      expect: { rejected: fits ? {} : { a: noDisk } },
    }),
  ),
);

const exclusive = claim('data', { volumeName: 'v', accessModes: ['ReadWriteOncePod'] });
const objects = [exclusive, volume('v')];

runCases('VolumeRestrictions ReadWriteOncePod', [
  {
    name: 'a claim in use anywhere bars every node, until its user goes',
    nodes: [node('a'), node('b')],
    objects,
    pods: [pod('user', { on: 'a', spec: mounts('data') })],
    pod: pod('p', { spec: mounts('data') }),
    expect: { rejected: { a: inUse, b: inUse }, whatIf: { on: 'a', remove: ['user'], says: 'fits' } },
  },
  {
    name: 'a claim nobody uses is free',
    nodes: [node('a')],
    objects,
    pod: pod('p', { spec: mounts('data') }),
    expect: {},
  },
  {
    name: 'a claim of that name in another namespace is another claim',
    nodes: [node('a')],
    objects,
    pods: [pod('user', { on: 'a', namespace: 'other', spec: mounts('data') })],
    pod: pod('p', { spec: mounts('data') }),
    expect: {},
  },
  {
    name: 'a user on a node that is missing does not count',
    nodes: [node('a')],
    objects,
    pods: [pod('user', { on: 'gone', spec: mounts('data') })],
    pod: pod('p', { spec: mounts('data') }),
    expect: {},
  },
  {
    name: 'a missing claim cannot be helped',
    nodes: [node('a')],
    pod: pod('p', { spec: mounts('none') }),
    expect: { refused: 'VolumeRestrictions UAU: persistentvolumeclaim "none" not found' },
  },
]);

test.run();
