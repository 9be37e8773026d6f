/** Network, storage, configuration, rights. Source: Kubernetes v1.36, pkg/printers/internalversion/printers.go. */
import { isPlainObject, type KubeObject, type PlainObject } from '../../../../core/objects/index.ts';
import type { Column } from '../kind.ts';
import {
  AGE,
  age,
  at,
  column,
  counted,
  duration,
  listOf,
  NONE,
  numberOf,
  orNone,
  pairsText,
  selectorText,
  textOf,
  wide,
} from './cell.ts';

const keys = (value: unknown): number => (isPlainObject(value) ? Object.keys(value).length : 0);

// --- network -------------------------------------------------------------------------------------------------------

function externalIp(service: KubeObject): string {
  const type = textOf(service, 'spec.type');
  const own = at(service, 'spec.externalIPs');
  const listed = Array.isArray(own) ? own.join(',') : '';
  if (type === 'ExternalName') return textOf(service, 'spec.externalName');
  if (type !== 'LoadBalancer') return orNone(listed);
  const given = listOf(service, 'status.loadBalancer.ingress').map(({ ip, hostname }) => ip || hostname);
  return [...given, ...(listed ? [listed] : [])].join(',') || '<pending>';
}

function servicePorts(service: KubeObject): string {
  return orNone(
    listOf(service, 'spec.ports')
      .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
      .join(','),
  );
}

export const serviceColumns: readonly Column[] = [
  column('Type', (object) => textOf(object, 'spec.type'), 'How the service is reached.'),
  column('Cluster-IP', (object) => orNone(textOf(object, 'spec.clusterIP')), 'Address inside the cluster.'),
  column('External-IP', externalIp, 'Addresses outside the cluster.'),
  column('Port(s)', servicePorts, 'Ports, and the ports of nodes.'),
  AGE,
  wide('Selector', (object) => pairsText(at(object, 'spec.selector')), 'Which pods serve it.'),
];

/** The first three, then how many more. */
function shortList(items: readonly string[], without = NONE): string {
  const more = items.length - 3;
  return (more > 0 ? `${items.slice(0, 3).join(',')} + ${more} more...` : items.join(',')) || without;
}

const UNSET = '<unset>';

export const endpointsColumns: readonly Column[] = [
  column(
    'Endpoints',
    (object) =>
      shortList(
        listOf(object, 'subsets').flatMap((subset) => {
          const ports = listOf(subset, 'ports');
          return listOf(subset, 'addresses').flatMap(({ ip }) =>
            ports.length === 0
              ? [`${ip}`]
              : ports.map(({ port }) => (String(ip).includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
          );
        }),
      ),
    'Addresses and ports.',
  ),
  AGE,
];

export const endpointSliceColumns: readonly Column[] = [
  column('AddressType', (object) => textOf(object, 'addressType'), 'Family of the addresses.'),
  column(
    'Ports',
    (object) => {
      const ports = listOf(object, 'ports').map(({ port, name }) => `${port ?? name ?? '*'}`);
      return shortList(ports, UNSET);
    },
    'Ports of the endpoints.',
  ),
  column(
    'Endpoints',
    (object) =>
      shortList(
        listOf(object, 'endpoints').flatMap(({ addresses }) => (Array.isArray(addresses) ? addresses.map(String) : [])),
        UNSET,
      ),
    'Addresses of the endpoints.',
  ),
  AGE,
];

export const ingressColumns: readonly Column[] = [
  column('Class', (object) => orNone(textOf(object, 'spec.ingressClassName')), 'Which controller serves it.'),
  column(
    'Hosts',
    (object) => shortList(listOf(object, 'spec.rules').map(({ host }) => String(host || '*'))).replace(NONE, '*'),
    'Host names.',
  ),
  column(
    'Address',
    (object) =>
      listOf(object, 'status.loadBalancer.ingress')
        .map(({ ip, hostname }) => ip || hostname)
        .join(','),
    'Where it is reached.',
  ),
  column('Ports', (object) => (listOf(object, 'spec.tls').length > 0 ? '80, 443' : '80'), 'Ports it listens on.'),
  AGE,
];

export const ingressClassColumns: readonly Column[] = [
  column('Controller', (object) => textOf(object, 'spec.controller'), 'Who serves the class.'),
  column(
    'Parameters',
    (object) =>
      at(object, 'spec.parameters')
        ? `${textOf(object, 'spec.parameters.kind')}/${textOf(object, 'spec.parameters.name')}`
        : NONE,
    'More settings of the controller.',
  ),
  AGE,
];

export const networkPolicyColumns: readonly Column[] = [
  column('Pod-Selector', (object) => selectorText(at(object, 'spec.podSelector')), 'Which pods it is about.'),
  AGE,
];

// --- storage -------------------------------------------------------------------------------------------------------

const MODES: ReadonlyMap<unknown, string> = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]);
function accessModes(modes: unknown): string {
  return Array.isArray(modes) ? modes.map((mode) => MODES.get(mode) ?? mode).join(',') : '';
}

function claimPhase(object: KubeObject): string {
  return object.metadata.deletionTimestamp ? 'Terminating' : textOf(object, 'status.phase');
}

const attributesClass = wide(
  'VolumeAttributesClass',
  (object) => textOf(object, 'spec.volumeAttributesClassName') || '<unset>',
);
const volumeMode = wide('VolumeMode', (object) => textOf(object, 'spec.volumeMode') || '<unset>');

export const claimColumns: readonly Column[] = [
  column('Status', claimPhase, 'Whether it is bound.'),
  column('Volume', (object) => textOf(object, 'spec.volumeName'), 'The volume it is bound to.'),
  column(
    'Capacity',
    (object) => (textOf(object, 'spec.volumeName') ? textOf(object, 'status.capacity.storage') : ''),
    'Size of the volume.',
  ),
  column(
    'Access Modes',
    (object) => (textOf(object, 'spec.volumeName') ? accessModes(at(object, 'status.accessModes')) : ''),
    'How it may be mounted.',
  ),
  column('StorageClass', (object) => textOf(object, 'spec.storageClassName'), 'Class of the volume.'),
  attributesClass,
  AGE,
  volumeMode,
];

export const volumeColumns: readonly Column[] = [
  column('Capacity', (object) => textOf(object, 'spec.capacity.storage'), 'Size of the volume.'),
  column('Access Modes', (object) => accessModes(at(object, 'spec.accessModes')), 'How it may be mounted.'),
  column(
    'Reclaim Policy',
    (object) => textOf(object, 'spec.persistentVolumeReclaimPolicy'),
    'What becomes of it when it is released.',
  ),
  column('Status', claimPhase, 'Whether it is bound.'),
  column(
    'Claim',
    (object) =>
      at(object, 'spec.claimRef')
        ? `${textOf(object, 'spec.claimRef.namespace')}/${textOf(object, 'spec.claimRef.name')}`
        : '',
    'The claim it is bound to.',
  ),
  column('StorageClass', (object) => textOf(object, 'spec.storageClassName'), 'Class of the volume.'),
  attributesClass,
  column('Reason', (object) => textOf(object, 'status.reason'), 'Why it is as it is.'),
  AGE,
  volumeMode,
];

export const storageClassColumns: readonly Column[] = [
  column('Provisioner', (object) => textOf(object, 'provisioner'), 'Who makes the volumes.'),
  column('ReclaimPolicy', (object) => textOf(object, 'reclaimPolicy') || 'Delete', 'What becomes of released volumes.'),
  column('VolumeBindingMode', (object) => textOf(object, 'volumeBindingMode') || 'Immediate', 'When claims are bound.'),
  column(
    'AllowVolumeExpansion',
    (object) => String(at(object, 'allowVolumeExpansion') === true),
    'Whether volumes may grow.',
  ),
  AGE,
];

export const csiNodeColumns: readonly Column[] = [
  counted('Drivers', (object) => listOf(object, 'spec.drivers').length),
  AGE,
];

// --- configuration, accounts, limits -------------------------------------------------------------------------------

export const configMapColumns: readonly Column[] = [
  column(
    'Data',
    (object) => String(keys(at(object, 'data')) + keys(at(object, 'binaryData'))),
    'How many entries it has.',
  ),
  AGE,
];

export const secretColumns: readonly Column[] = [
  column('Type', (object) => textOf(object, 'type'), 'What it is for.'),
  column('Data', (object) => String(keys(at(object, 'data'))), 'How many entries it has.'),
  AGE,
];

export const serviceAccountColumns: readonly Column[] = [
  column('Secrets', (object) => String(listOf(object, 'secrets').length), 'How many secrets it names.'),
  AGE,
];

export const namespaceColumns: readonly Column[] = [
  column('Status', (object) => textOf(object, 'status.phase'), 'Whether it is in use.'),
  AGE,
];

export const priorityClassColumns: readonly Column[] = [
  counted('Value', (object) => numberOf(object, 'value')),
  column(
    'Global-Default',
    (object) => String(at(object, 'globalDefault') === true),
    'Whether pods without a class get it.',
  ),
  AGE,
  column('PreemptionPolicy', (object) => textOf(object, 'preemptionPolicy'), 'Whether its pods may evict others.'),
];

export const runtimeClassColumns: readonly Column[] = [
  column('Handler', (object) => textOf(object, 'handler'), 'How the runtime knows it.'),
  AGE,
];

function used(which: 'requests' | 'limits') {
  return (quota: KubeObject): string => {
    const hard = at(quota, 'status.hard');
    const now = at(quota, 'status.used');
    if (!isPlainObject(hard)) return '';
    return Object.keys(hard)
      .sort()
      .filter((name) => name.startsWith('limits.') === (which === 'limits'))
      .map((name) => `${name}: ${textOf(pick(now, name), 'value') || '0'}/${textOf(pick(hard, name), 'value')}`)
      .join(', ');
  };
}
const pick = (map: unknown, name: string): PlainObject => (isPlainObject(map) ? { value: map[name] } : {});

export const quotaColumns: readonly Column[] = [
  column('Request', used('requests'), 'What is used of what may be asked for.'),
  column('Limit', used('limits'), 'What is used of what may be reached.'),
  AGE,
];

// --- rights --------------------------------------------------------------------------------------------------------

const created = column(
  'Created At',
  (object) => object.metadata.creationTimestamp ?? '<unknown>',
  'When it was created.',
);
export const roleColumns: readonly Column[] = [created];

const subjects = (kind: string) => (object: KubeObject) =>
  listOf(object, 'subjects')
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (namespace ? `${namespace}/${name}` : name))
    .join(', ');

export const bindingColumns: readonly Column[] = [
  column(
    'Role',
    (object) => `${textOf(object, 'roleRef.kind')}/${textOf(object, 'roleRef.name')}`,
    'Which role it grants.',
  ),
  AGE,
  wide('Users', subjects('User'), 'Users it grants the role to.'),
  wide('Groups', subjects('Group'), 'Groups it grants the role to.'),
  wide('ServiceAccounts', subjects('ServiceAccount'), 'Accounts it grants the role to.'),
];

function requestCondition(request: KubeObject): string {
  const conditions = listOf(request, 'status.conditions');
  const seen = ['Approved', 'Denied', 'Failed'].filter((wanted) => conditions.some(({ type }) => type === wanted));
  if (seen.length === 0) return 'Pending';
  return [...seen.slice(0, 1), ...(textOf(request, 'status.certificate') ? ['Issued'] : [])].join(',');
}

export const certificateRequestColumns: readonly Column[] = [
  AGE,
  column('SignerName', (object) => textOf(object, 'spec.signerName'), 'Who is asked to sign it.'),
  column('Requestor', (object) => textOf(object, 'spec.username'), 'Who asks.'),
  column(
    'RequestedDuration',
    (object) =>
      at(object, 'spec.expirationSeconds') ? duration(numberOf(object, 'spec.expirationSeconds') * 1000) : NONE,
    'For how long the certificate shall hold.',
  ),
  column('Condition', requestCondition, 'What became of it.'),
];

// --- leases, events, extensions ------------------------------------------------------------------------------------

export const leaseColumns: readonly Column[] = [
  column('Holder', (object) => textOf(object, 'spec.holderIdentity'), 'Who holds it.'),
  AGE,
];

function lastSeen(event: KubeObject, nowMs: number): string {
  const time = ['series.lastObservedTime', 'deprecatedLastTimestamp', 'lastTimestamp', 'eventTime', 'firstTimestamp']
    .map((path) => at(event, path))
    .find((value) => typeof value === 'string');
  return age(time ?? event.metadata.creationTimestamp, nowMs);
}

function involved(event: KubeObject): string {
  const reference = at(event, 'regarding') ?? at(event, 'involvedObject');
  return `${textOf(reference, 'kind').toLowerCase()}/${textOf(reference, 'name')}`;
}

const noteOf = (event: KubeObject): string => textOf(event, 'note') || textOf(event, 'message').trim();

export const eventColumns: readonly Column[] = [
  column('Last Seen', lastSeen, 'When it last happened.'),
  column('Type', (event) => textOf(event, 'type'), 'Normal or Warning.'),
  column('Reason', (event) => textOf(event, 'reason'), 'What happened, in one word.'),
  column('Object', involved, 'What it is about.'),
  wide(
    'Subobject',
    (event) => textOf(event, 'involvedObject.fieldPath') || textOf(event, 'regarding.fieldPath'),
    'Which part of it.',
  ),
  wide(
    'Source',
    (event) =>
      textOf(event, 'source.component') || textOf(event, 'reportingController') || textOf(event, 'reportingComponent'),
    'Who says so.',
  ),
  column('Message', noteOf, 'What happened.'),
  wide(
    'First Seen',
    (event, nowMs) =>
      age(
        at(event, 'firstTimestamp') ?? at(event, 'deprecatedFirstTimestamp') ?? event.metadata.creationTimestamp,
        nowMs,
      ),
    'When it first happened.',
  ),
  wide(
    'Count',
    (event) => String(numberOf(event, 'count') || numberOf(event, 'series.count') || 1),
    'How often it happened.',
  ),
  { ...wide('Name', (event) => event.metadata.name, 'Name of the event.'), format: 'name' },
];

export const definitionColumns: readonly Column[] = [created];

export const apiServiceColumns: readonly Column[] = [
  column(
    'Service',
    (object) =>
      at(object, 'spec.service')
        ? `${textOf(object, 'spec.service.namespace')}/${textOf(object, 'spec.service.name')}`
        : 'Local',
    'Who serves it.',
  ),
  column(
    'Available',
    (object) =>
      textOf(listOf(object, 'status.conditions').find(({ type }) => type === 'Available') ?? {}, 'status') || 'Unknown',
    'Whether it answers.',
  ),
  AGE,
];
