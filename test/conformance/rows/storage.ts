/** Volumes and classes. Source: Kubernetes v1.36, test/e2e/storage/{persistent_volumes,storageclass}.go. */
import * as assert from 'uvu/assert';
import { type Body, labelled, names, type Resource } from '../kit/resource.ts';
import type { Row } from '../row.ts';

export const STORAGE: readonly Row[] = [
  {
    id: 'C279',
    async run(check) {
      const volumes = check.everywhere('v1', 'persistentvolumes');
      const claims = check.namespaced('v1', 'persistentvolumeclaims');
      const labels = { 'e2e-pv-pool': check.unique };
      const volume = await volumes.create({
        metadata: { name: `pv-${check.unique}`, labels },
        spec: {
          capacity: { storage: '5Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: check.unique,
          csi: { driver: 'e2e-driver', volumeHandle: 'e2e-conformance' },
        },
      });
      const claim = await claims.create({
        metadata: { name: 'pvc', labels },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '5Gi' } },
          storageClassName: check.unique,
        },
      });
      assert.is(volume.spec.volumeMode, 'Filesystem');
      assert.is(claim.status.phase, 'Pending');
      const all = check.everywhere('v1', 'persistentvolumeclaims');
      assert.equal(names(await volumes.list(labelled(labels))), [`pv-${check.unique}`]);
      assert.equal(names(await all.list(labelled(labels))), ['pvc']);
      for (const [place, name] of [
        [volumes, `pv-${check.unique}`],
        [claims, 'pvc'],
      ] as const)
        await changed(place, name);

      const { spec } = volume;
      const { spec: claimSpec } = claim;
      await claims.delete('pvc');
      await claims.gone('pvc');
      await volumes.delete(`pv-${check.unique}`);
      await volumes.gone(`pv-${check.unique}`);
      await volumes.create({ metadata: { name: `pv2-${check.unique}`, labels }, spec });
      await claims.create({ metadata: { name: 'pvc2', labels }, spec: claimSpec });
      await claims.deleteCollection(labelled(labels));
      await claims.gone('pvc2');
      await volumes.deleteCollection(labelled(labels));
      await volumes.gone(`pv2-${check.unique}`);
    },
  },
  {
    id: 'C280',
    async run(check) {
      const classes = check.everywhere('storage.k8s.io/v1', 'storageclasses');
      const labels = { 'e2e-sc': check.unique };
      const make = (name: string): Body => ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name, labels },
        provisioner: 'e2e-fake-provisioner',
        parameters: { zone: 'a' },
      });
      const name = `e2e-${check.unique}`;
      const created = await classes.create(make(name));
      assert.is(created.reclaimPolicy, 'Delete');
      assert.is(created.volumeBindingMode, 'Immediate');
      assert.is((await classes.get(name)).metadata.uid, created.metadata.uid);
      await changed(classes, name);
      assert.equal(names(await classes.list(labelled(labels))), [name]);
      await classes.delete(name);
      await classes.gone(name);
      await classes.create(make(`${name}-2`));
      await classes.deleteCollection(labelled(labels));
      await classes.gone(`${name}-2`);
    },
  },
];

/** A label is patched, and then updated. */
async function changed(place: Resource, name: string): Promise<void> {
  const patched = await place.patch(name, 'strategic', { metadata: { labels: { [name]: 'patched' } } });
  assert.is(patched.metadata.labels[name], 'patched');
  const metadata = { ...patched.metadata, labels: { ...patched.metadata.labels, [name]: 'updated' } };
  assert.is((await place.update({ ...patched, metadata })).metadata.labels[name], 'updated');
  assert.is((await place.get(name)).metadata.labels[name], 'updated');
}
