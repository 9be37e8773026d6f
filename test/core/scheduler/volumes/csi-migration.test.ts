import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Labels, PersistentVolume } from '../../../../core/objects/types.ts';
import { migratedInlineVolume, migratedVolume } from '../../../../core/scheduler/volumes/csi-migration.ts';
import { volume } from '../../../support/builders.ts';

type Source = Partial<PersistentVolume['spec']>;
const ZONE = 'topology.kubernetes.io/zone';
const disk: Source = { gcePersistentDisk: { pdName: 'd' } };

const volumes: [sentence: string, source: Source, labels: Labels, found: string | undefined][] = [
  ['an EBS volume by its bare id', { awsElasticBlockStore: { volumeID: 'vol-1' } }, {}, 'ebs.csi.aws.com vol-1'],
  ['or by its URL', { awsElasticBlockStore: { volumeID: 'aws://z/vol-1' } }, {}, 'ebs.csi.aws.com vol-1'],
  ['an Azure disk by its URI', { azureDisk: { diskName: 'd', diskURI: '/uri' } }, {}, 'disk.csi.azure.com /uri'],
  [
    'a GCE disk in its zone',
    disk,
    { [ZONE]: 'us-east1-b' },
    'pd.csi.storage.gke.io projects/UNSPECIFIED/zones/us-east1-b/disks/d',
  ],
  ['a GCE disk without one', disk, {}, 'pd.csi.storage.gke.io projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d'],
  [
    'a GCE disk in two zones is regional',
    disk,
    { [ZONE]: 'us-east1-b__us-east1-c' },
    'pd.csi.storage.gke.io projects/UNSPECIFIED/regions/us-east1/disks/d',
  ],
  ['a local volume has not moved', {}, {}, undefined],
];
for (const [sentence, source, labels, found] of volumes) {
  test(`migratedVolume: ${sentence}`, () => {
    const moved = migratedVolume(volume('v', { labels, spec: source }));
    assert.is(moved && `${moved.driver} ${moved.handle}`, found);
  });
}

test('migratedInlineVolume: a GCE disk named in a pod has no zone', () => {
  const moved = migratedInlineVolume({ name: 'v', gcePersistentDisk: { pdName: 'd' } });
  assert.is(moved?.handle, 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d');
});

test.run();
