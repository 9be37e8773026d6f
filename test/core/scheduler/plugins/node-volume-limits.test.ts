import { test } from 'uvu';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../../../../core/objects/types.ts';
import { claim, csiNode, mounts, node, object, pod, storageClass, volume } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const said = 'NodeVolumeLimits U: node(s) exceed max volume count';
const DRIVER = 'csi.example.com';

/** Claims data-0… with volumes of that driver. */
function bound(count: number): (PersistentVolume | PersistentVolumeClaim)[] {
  return Array.from({ length: count }, (_, i) => [
    claim(`data-${i}`, { volumeName: `v-${i}` }),
    volume(`v-${i}`, { spec: { csi: { driver: DRIVER, volumeHandle: `h-${i}` } } }),
  ]).flat();
}
const user = (i: number) => pod(`user-${i}`, { on: 'a', spec: mounts(`data-${i}`) });
const wants = (...names: string[]) => pod('p', { spec: mounts(...names) });
const limit = (count: number | undefined) => csiNode('a', { [DRIVER]: count });
const dynamic: StorageClass = storageClass('wait', { provisioner: DRIVER });

runCases('NodeVolumeLimits', [
  {
    name: 'the last volume fits',
    nodes: [node('a')],
    objects: [...bound(2), limit(2)],
    pods: [user(0)],
    pod: wants('data-1'),
    expect: {},
  },
  {
    name: 'one more does not',
    nodes: [node('a')],
    objects: [...bound(2), limit(1)],
    pods: [user(0)],
    pod: wants('data-1'),
    expect: { rejected: { a: said } },
  },
  {
    name: 'a volume that is there already is not new',
    nodes: [node('a')],
    objects: [...bound(1), limit(1)],
    pods: [user(0)],
    pod: wants('data-0'),
    expect: {},
  },
  {
    name: 'a driver without a limit takes all',
    nodes: [node('a')],
    objects: [...bound(2), limit(undefined)],
    pods: [user(0)],
    pod: wants('data-1'),
    expect: {},
  },
  {
    name: 'so does a node without a CSINode',
    nodes: [node('a')],
    objects: bound(2),
    pods: [user(0)],
    pod: wants('data-1'),
    expect: {},
  },
  {
    name: 'a limit of 0 takes none',
    nodes: [node('a')],
    objects: [...bound(1), limit(0)],
    pod: wants('data-0'),
    expect: { rejected: { a: said } },
  },
  {
    name: 'an unbound claim counts for the driver of its class',
    nodes: [node('a')],
    objects: [...bound(1), claim('new'), dynamic, limit(1)],
    pods: [user(0)],
    pod: wants('new'),
    expect: { rejected: { a: said } },
  },
  {
    name: 'volumes that are attached count, even if no pod uses them',
    nodes: [node('a')],
    objects: [
      ...bound(2),
      limit(1),
      object<VolumeAttachment>('VolumeAttachment', 'va', {
        spec: { attacher: DRIVER, nodeName: 'a', source: { persistentVolumeName: 'v-0' } },
      }),
    ],
    pod: wants('data-1'),
    expect: { rejected: { a: said } },
  },
  {
    name: 'a volume that is used and attached counts once',
    nodes: [node('a')],
    objects: [
      ...bound(2),
      limit(2),
      object<VolumeAttachment>('VolumeAttachment', 'va', {
        spec: { attacher: DRIVER, nodeName: 'a', source: { persistentVolumeName: 'v-0' } },
      }),
    ],
    pods: [user(0)],
    pod: wants('data-1'),
    expect: {},
  },
  {
    name: 'inline EBS disks count for the driver they moved to',
    nodes: [node('a')],
    objects: [csiNode('a', { 'ebs.csi.aws.com': 1 })],
    pods: [
      pod('x', { on: 'a', spec: { volumes: [{ name: 'v', awsElasticBlockStore: { volumeID: 'aws://z/vol-1' } }] } }),
    ],
    pod: pod('p', { spec: { volumes: [{ name: 'v', awsElasticBlockStore: { volumeID: 'vol-2' } }] } }),
    expect: { rejected: { a: said } },
  },
  {
    name: 'evicting the user frees its place',
    nodes: [node('a')],
    objects: [...bound(2), limit(1)],
    pods: [user(0)],
    pod: wants('data-1'),
    expect: { rejected: { a: said }, whatIf: { on: 'a', remove: ['user-0'], says: 'fits' } },
  },
]);

test.run();
