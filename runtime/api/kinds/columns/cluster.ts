/** Columns of what administrators look at: CSI, devices, webhooks. Source: Kubernetes v1.36, pkg/printers/internalversion/printers.go. */
import type { KubeObject } from '../../../../core/objects/index.ts';
import type { Column } from '../kind.ts';
import { AGE, at, column, counted, listOf, NONE, textOf } from './cell.ts';

/** @param otherwise what a field that is left out means. */
function truth(name: string, path: string, otherwise: boolean, description: string): Column {
  return column(name, (object) => String(at(object, path) ?? otherwise), description);
}

function tokenRequests(driver: KubeObject): string {
  if (!Array.isArray(at(driver, 'spec.tokenRequests'))) return '<unset>';
  return listOf(driver, 'spec.tokenRequests')
    .map(({ audience }) => `${audience ?? ''}`)
    .join(',');
}

function modesOf(driver: KubeObject): string {
  const modes = at(driver, 'spec.volumeLifecycleModes');
  return Array.isArray(modes) && modes.length > 0 ? modes.join(',') : NONE;
}

export const csiDriverColumns: readonly Column[] = [
  truth('AttachRequired', 'spec.attachRequired', true, 'Whether volumes are attached before they are mounted.'),
  truth('PodInfoOnMount', 'spec.podInfoOnMount', false, 'Whether it is told which pod a mount is for.'),
  truth('StorageCapacity', 'spec.storageCapacity', false, 'Whether it says how much space is left.'),
  column('TokenRequests', tokenRequests, 'For whom it gets tokens of the pods.'),
  truth('RequiresRepublish', 'spec.requiresRepublish', false, 'Whether it is asked to mount again and again.'),
  column('Modes', modesOf, 'Lives that its volumes may have.'),
  AGE,
];

export const csiStorageCapacityColumns: readonly Column[] = [
  column('StorageClassName', (object) => textOf(object, 'storageClassName'), 'Class that the space is for.'),
  column('Capacity', (object) => textOf(object, 'capacity') || '<unset>', 'Space that is left.'),
];

export const volumeAttachmentColumns: readonly Column[] = [
  column('Attacher', (object) => textOf(object, 'spec.attacher'), 'Who attaches it.'),
  column('PV', (object) => textOf(object, 'spec.source.persistentVolumeName'), 'The volume.'),
  column('Node', (object) => textOf(object, 'spec.nodeName'), 'Where it is attached.'),
  truth('Attached', 'status.attached', false, 'Whether it is attached.'),
  AGE,
];

export const webhookColumns: readonly Column[] = [
  counted('Webhooks', (object) => listOf(object, 'webhooks').length),
  AGE,
];

function claimState(claim: KubeObject): string {
  const isGoing = claim.metadata.deletionTimestamp !== undefined;
  const states = isGoing ? ['deleted'] : [];
  if (!at(claim, 'status.allocation')) return isGoing ? 'deleted' : 'pending';
  states.push('allocated');
  if (listOf(claim, 'status.reservedFor').length > 0) states.push('reserved');
  return states.join(',');
}

export const resourceClaimColumns: readonly Column[] = [
  column('State', claimState, 'Whether it has its devices, and who uses them.'),
  AGE,
];

export const resourceSliceColumns: readonly Column[] = [
  column('Node', (object) => textOf(object, 'spec.nodeName'), 'Where the devices are.'),
  column('Driver', (object) => textOf(object, 'spec.driver'), 'Who serves them.'),
  column('Pool', (object) => textOf(object, 'spec.pool.name'), 'What they are part of.'),
  AGE,
];
